"""Where users come from: LDAP servers, mappings, sources, syncs; and where users are searched.

Source: API description, 'User Methods', 'LDAP Server Methods', 'LDAP Mapping Methods', 'LDAP
Source Methods', 'LDAP Sync Methods', 'External Directory Search Locations'.
"""

from __future__ import annotations

from flaskr.pod.cms.node import collection
from flaskr.pod.cms.parameters import boolean, guid, number, reference, references, text

# In the order of the examples, which show those that aren't set as empty elements.
MAPPINGS = (
    "jidMapping", "nameMapping", "cdrTagMapping", "coSpaceNameMapping", "coSpaceUriMapping",
    "coSpaceSecondaryUriMapping", "coSpaceCallIdMapping", "authenticationIdMapping",
)
LDAP_FIELDS = (
    "firstName", "lastName", "displayName", "phone", "mobile", "email", "sip", "organisation",
)

NODES = (
    # Made by LDAP sync alone.
    collection(
        "users", "user",
        text("userJid"),
        reference("tenant"),
        text("name"),
        text("email", unset=""),
        text("authenticationId"),
        reference("userProfile"),
        # The description has a filter for it only, clients in the field read it.
        text("cdrTag"),
        listed="userJid tenant",
        methods="list read",
        search="userJid name email",
        filters="tenant email cdrTag",
        sorted_by="userJid",
    ),
    collection(
        "ldapServers", "ldapServer",
        text("address", required=True),
        text("name"),
        text("username", unset=""),
        text("password", shown=False),
        number("portNumber", required=True),
        boolean("secure", required=True),
        # Taken as true where it isn't set.
        boolean("usePagedResults"),
        listed="address username portNumber secure",
        search="address name username",
    ),
    collection(
        "ldapMappings", "ldapMapping",
        tuple(text(name, unset="") for name in MAPPINGS),
        listed="jidMapping nameMapping",
        search="jidMapping nameMapping",
    ),
    collection(
        "ldapSources", "ldapSource",
        reference("server", to="ldapServers", required=True),
        reference("mapping", to="ldapMappings", required=True),
        text("baseDn", required=True),
        text("filter", unset=""),
        references("tenant userProfile"),
        # In the examples and the Postman collection only.
        boolean("nonMemberAccess", unset="true"),
        listed="server mapping baseDn filter tenant nonMemberAccess",
        search="baseDn filter",
        filters="tenant",
    ),
    collection(
        "ldapSyncs", "ldapSync",
        # No references: a sync of what isn't there is made, and fails.
        guid("tenant", shown=False),
        guid("ldapSource", shown=False),
        # Taken as true where it isn't set.
        boolean("removeWhenFinished", shown=False),
        order="state failureReason numUsersImported numLdapSourcesComplete",
        listed="state failureReason numUsersImported numLdapSourcesComplete",
        methods="list create read delete",
    ),
    collection(
        "directorySearchLocations", "directorySearchLocation",
        reference("ldapServer", required=True),
        reference("tenant"),
        text("baseDn", unset=""),
        text("filterFormat", unset=""),
        number("priority", unset="0"),
        text("label", unset=""),
        tuple(text(name, unset="") for name in LDAP_FIELDS),
        listed="ldapServer tenant baseDn filterFormat priority label",
        filters="tenant",
    ),
)
