from flaskr.pod.cms.node import collection, single
from flaskr.pod.cms.parameters import text, number, boolean, reference
NODES = (
    collection("tenants", "tenant", text("name", required=True), listed="name"),
    collection("callLegProfiles", "callLegProfile", listed=""),
    collection("callProfiles", "callProfile", listed=""),
    collection("users", "user", text("userJid"), text("name"), text("email", unset=""), listed="userJid tenant", methods="list read", search="userJid name email", filters="email cdrTag tenant", sorted_by="userJid"),
    single("system/profiles", "profiles", reference("dialInSecurityProfile")),
)
from flaskr.pod.cms.parameters import text as _t
NODES = (*NODES, collection("callBridges","callBridge",text("name",required=True),text("address"),text("sipDomain",unset=""),listed="name"), single("system/configuration/cluster","cluster",text("uniqueName"),local=True), collection("calls","call",reference("coSpace",required=True),text("name"),listed="name coSpace",local=True,filters="coSpace"))
