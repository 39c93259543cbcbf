from flaskr.pod.cms.node import collection
from flaskr.pod.cms.parameters import reference, text
NODES = (
    collection("callLegProfiles", "callLegProfile", listed=""),
    collection("callProfiles", "callProfile", listed=""),
    collection(
        "calls", "call", reference("coSpace", required=True), text("name"),
        listed="name coSpace", local=True, filters="coSpace",
    ),
)
