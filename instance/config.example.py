# Copy this file to instance/config.py, which git does not track, and set what is yours. A setting
# in the environment goes over the same one in .env, and that over this file. All may be text.

# The CMS whose Spaces are provisioned; of a cluster, its Call Bridges with commas between. Each may
# have a :port of its own.
# CMS_HOSTNAME = "cms.example.com"

# The port of its Web Admin interface and API.
# CMS_PORT = "443"

# A CMS account with the role api or admin.
# CMS_USERNAME = "apiuser"

# That account's password.
# CMS_PASSWORD = "change me"

# How the CMS's certificate is verified: with the public CAs (true), with those of a CA bundle in
# PEM form (its path), or not at all (false).
# CMS_TLS_VERIFY = "true"

# How many pages of CMS lists after the first are asked for at once in a process; 1: one by one.
# PORTAL_CMS_PARALLEL = "8"

# How log lines are written: as text or JSON.
# PORTAL_LOG = "text"

# How many Spaces a plan may remove when it is applied, unless so many are said to be meant: a
# number, or a share of all Spaces and at least 5.
# PORTAL_MAX_REMOVALS = "5%"

# Where users are looked up: in CUCM's User Data Services (uds), or in Active Directory or OpenLDAP
# (ldap).
# PORTAL_DIRECTORY = "uds"

# The CUCM whose users get the Spaces.
# CUCM_HOSTNAME = "cucm.example.com"

# The port of its User Data Services (UDS).
# CUCM_PORT = "8443"

# Only where CUCM wants credentials for contact searches (the port is 9443 then).
# CUCM_USERNAME = ""

# That user's password.
# CUCM_PASSWORD = ""

# The same as CMS_TLS_VERIFY, for the CUCM.
# CUCM_TLS_VERIFY = "true"

# The directory whose users get the Spaces, such as a domain controller.
# LDAP_HOSTNAME = "dc1.example.com"

# Its port: 636 where it is not set, or 389 with LDAP_TLS=starttls; of a global catalog, 3269 and
# 3268.
# LDAP_PORT = ""

# How TLS begins: with the connection (ldaps), or on request (starttls). Without TLS, nothing is
# sent.
# LDAP_TLS = "ldaps"

# An account that may read the users: a DN, or in AD user@domain or DOMAIN\user.
# LDAP_USERNAME = "CN=portal,OU=Services,DC=example,DC=com"

# That account's password.
# LDAP_PASSWORD = "change me"

# The same as CMS_TLS_VERIFY, for the directory.
# LDAP_TLS_VERIFY = "true"

# The DN that the users are found under, such as ou=People,dc=example,dc=com.
# LDAP_BASE = "OU=Staff,DC=example,DC=com"

# Which filter and attributes the users have: those of Active Directory (ad) or OpenLDAP (openldap).
# LDAP_PRESET = "ad"

# The filter that the users fit, where it is not that of LDAP_PRESET.
# LDAP_FILTER = ""

# Attributes other than those of LDAP_PRESET, such as
# userName=userPrincipalName,phoneNumber=ipPhone.
# LDAP_ATTRIBUTES = ""

# The Unity Connection with the users' mailboxes. Not set: the portal has none.
# CUC_HOSTNAME = ""

# The port of its Provisioning Interface (CUPI).
# CUC_PORT = "443"

# An account there with the System Administrator role.
# CUC_USERNAME = "apiuser"

# That account's password.
# CUC_PASSWORD = "change me"

# The same as CMS_TLS_VERIFY, for Unity Connection.
# CUC_TLS_VERIFY = "true"

# How many requests to Unity Connection are under way at once in a process. It works on five, for
# all who ask.
# PORTAL_CUC_PARALLEL = "2"

# The Webex room that is told of changes, by WEBEX_TOKEN.
# WEBEX_ROOM_ID = ""

# The token of a Webex bot that is in the room; with it, invitations can be sent by Webex too.
# WEBEX_TOKEN = ""

# In the place of WEBEX_ROOM_ID: the address of an incoming webhook, which is a secret. It must be
# where WEBEX_URL is.
# WEBEX_WEBHOOK = ""

# Where the API of Webex is.
# WEBEX_URL = "https://webexapis.com/v1"

# The same as CMS_TLS_VERIFY, for Webex.
# WEBEX_TLS_VERIFY = "true"

# The mail server that invitations go out by.
# SMTP_HOSTNAME = ""

# Its port; mostly 465 where SMTP_TLS is tls.
# SMTP_PORT = "587"

# Only where it wants a log-in.
# SMTP_USERNAME = ""

# That user's password.
# SMTP_PASSWORD = ""

# Whether TLS begins by STARTTLS, or at once (tls). There is no mail without.
# SMTP_TLS = "starttls"

# The same as CMS_TLS_VERIFY, for the mail server.
# SMTP_TLS_VERIFY = "true"

# Whom mails are from, such as The portal <portal@example.com>.
# SMTP_FROM = ""

# The key of an admin. Where it is set, or there is a file instance/keys, callers must send a key in
# the header X-API-Key.
# PORTAL_API_KEY = ""

# The names that the portal is reached by, beside localhost and the address that it listens on;
# commas between. Without an API key, it answers to no other.
# PORTAL_HOSTS = ""

# How many proxies, such as nginx, stand before the portal and add the caller's address to
# X-Forwarded-For.
# PORTAL_PROXIES = "0"

# The file that says who changed what, a JSON line before and one after each change. Where it can't
# be written, nothing is changed.
# PORTAL_AUDIT_FILE = ""

# How long one call to a server may take in all, retries included; in seconds.
# PORTAL_TIMEOUT = "10"

# The name of a new Space. Who has no display name is called by first and last name, else by the
# user ID.
# SPACE_NAME = "$displayName$'s Space"

# The uri of a user's Space: it is found by it. It has no attribute but the user ID.
# SPACE_URI = "$userName$"

# Its secondaryUri. Telephone numbers lose their blanks, hyphens, dots and brackets.
# SPACE_SECONDARY_URI = "$phoneNumber$"

# Its cdrTag, which marks its calls, and the Space as this user's.
# SPACE_CDR_TAG = "$userName$"

# Its callId: one that CMS makes up (auto), or what this makes of the user, such as $phoneNumber$.
# SPACE_CALL_ID = ""

# How many digits the passcode of a new Space has, which is made up; 0: it has none.
# SPACE_PASSCODE_DIGITS = "0"

# Its callProfile: one that CMS has, by ID.
# SPACE_CALL_PROFILE = ""

# Its callLegProfile, by ID. Where the Space has hosts, it is that of the guests.
# SPACE_CALL_LEG_PROFILE = ""

# Its tenant, by ID.
# SPACE_TENANT = ""

# The JID of its owner, who becomes a member, such as $userName$@example.com or $email$.
# SPACE_OWNER_JID = ""

# What the owner may do as a member.
# SPACE_OWNER_RIGHTS = "canAddRemoveMember,canChangeName,canChangePasscode,canChangeNonMemberAccessAllowed,canDeleteAllMessages"

# The callLegProfile of hosts, by ID. Where set, a Space has hosts, such as its owner, and guests.
# SPACE_HOST_CALL_LEG_PROFILE = ""
