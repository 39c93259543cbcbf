"""Where calls go: rules for calls out, calls in and calls passed on, and transforms of numbers.

Source: API description, 'Dial Plan Methods', 'Dial Transform Methods'.
"""

from __future__ import annotations

from flaskr.pod.cms.node import collection
from flaskr.pod.cms.parameters import booleans, choice, number, reference, references, text

NODES = (
    collection(
        "outboundDialPlanRules", "outboundDialPlanRule",
        text("domain", required=True),
        number("priority"),
        text("localContactDomain", unset=""),
        text("localFromDomain", unset=""),
        choice("trunkType", "sip lync avaya"),
        choice("sipControlEncryption", "auto encrypted unencrypted"),
        text("sipProxy"),
        choice("failureAction", "stop continue"),
        choice("scope", "global callBridge callBridgeGroup", unset="global"),
        references("callBridge callBridgeGroup tenant"),
        choice("callRouting", "default traversal", unset="default"),
        listed="domain priority tenant",
        search="domain",
        filters="tenant",
    ),
    collection(
        "inboundDialPlanRules", "inboundDialPlanRule",
        text("domain", required=True),
        number("priority"),
        # resolveToUsers is gone in 3.0.
        booleans("resolveToUsers resolveTocoSpaces resolveToIvrs"),
        booleans("resolveToLyncConferences resolveToLyncSimplejoin", unset="false"),
        reference("tenant"),
        # The table has the resolve... values in the list too, its example hasn't.
        listed="domain priority tenant",
        search="domain",
        filters="tenant",
    ),
    collection(
        "forwardingDialPlanRules", "forwardingDialPlanRule",
        text("matchPattern"),
        number("priority"),
        choice("action", "forward reject"),
        text("destinationDomain"),
        choice("callerIdMode", "regenerate preserve", unset="regenerate"),
        reference("tenant"),
        choice("uriParameters", "discard forward", unset="discard"),
        listed="matchPattern priority tenant",
        search="matchPattern",
        filters="tenant",
    ),
    collection(
        "dialTransforms", "dialTransform",
        choice("type", "raw strip phone"),
        text("match"),
        text("transform"),
        number("priority"),
        choice("action", "accept acceptPhone deny"),
        listed="type",
        search="match transform",
    ),
)
