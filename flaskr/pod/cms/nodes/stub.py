from flaskr.pod.cms.node import collection, single
from flaskr.pod.cms.parameters import text, number, boolean, reference
NODES = (
    collection("tenants", "tenant", text("name", required=True), listed="name"),
    collection("callLegProfiles", "callLegProfile", listed=""),
    collection("callProfiles", "callProfile", listed=""),
    collection("users", "user", text("userJid"), text("name"), text("email", unset=""), listed="userJid tenant", methods="list read", search="userJid name email", filters="email cdrTag tenant", sorted_by="userJid"),
    single("system/profiles", "profiles", reference("dialInSecurityProfile")),
)
