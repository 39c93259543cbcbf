"""Tenants, and the groups within which their call IDs are unique.

Source: API description, 'Tenants', 'Tenant group operations'.
"""

from __future__ import annotations

from flaskr.pod.cms.node import collection
from flaskr.pod.cms.parameters import number, references, text

NODES = (
    collection(
        "tenants", "tenant",
        text("name", required=True),
        references(
            "tenantGroup callLegProfile callProfile dtmfProfile ivrBrandingProfile "
            "callBrandingProfile"
        ),
        number("participantLimit"),
        references("userProfile dialInSecurityProfile webBridgeProfile"),
        listed="name tenantGroup",
        search="name",
        filters="callLegProfile",
    ),
    # An ID and nothing else. The table at its GET is the tenant's.
    collection("tenantGroups", "tenantGroup"),
)
