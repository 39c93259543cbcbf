"""The deprecated node of one CDR receiver (API description, 'Setting the CDR Receivers URI').

What a GET of it shows is not described: here, what its receiver shows among the others.
"""

from __future__ import annotations

from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.parameters import url
from flaskr.pod.cms.rules.cdr_receivers import RECEIVERS
from flaskr.pod.cms.views import Route, empty_answer, xml_answer
from flaskr.pod.database import Record
from flaskr.pod.xml import add_text

# A value of the receiver that was made here; nothing shows it.
_MADE_HERE = "ofTheDeprecatedNode"


class DeprecatedCdrReceiver(Answers):
    """One receiver, which is there as long as it has a URL."""

    needs_database = False

    def routes(self) -> list[Route]:
        """Return what the node answers."""
        path = "/system/cdrreceiver"
        return [Route("GET", path, self._show), Route("PUT", path, self._put)]

    def _receiver(self) -> Record | None:
        table = self.state.table(self.state.node(RECEIVERS))
        return next(iter(table.having(_MADE_HERE, "true")), None)

    def _show(self) -> Response:
        root = ElementTree.Element("cdrReceiver")
        receiver = self._receiver()
        if receiver and "uri" in receiver.values:
            add_text(root, "uri", receiver.values["uri"])
        return xml_answer(root)

    def _put(self) -> Response:
        """Set the URL; an empty one removes the receiver, so that the next has another ID."""
        given = self.form(url("url"), url("uri"))
        receivers, receiver = self.state.collection(RECEIVERS), self._receiver()
        address = given.get("url") or given.get("uri")
        if address and receiver:
            receivers.modify(receiver.id, {"uri": address})
        elif address:
            receivers.create({"uri": address, _MADE_HERE: "true"})
        elif given and receiver:
            receivers.delete(receiver.id)
        return empty_answer(200)
