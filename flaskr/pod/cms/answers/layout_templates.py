"""The JSON text of a layout template, which is put and read as it is.

The API description has only the objects; the path is in the Postman collection.
"""

from __future__ import annotations

import json

from flask import Response, request

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.failures import CmsFailure, FailureElement, parameter_error
from flaskr.pod.cms.rules.layout_templates import TEMPLATE
from flaskr.pod.cms.views import Route, empty_answer, require_guid
from flaskr.pod.database import Record

PATH = "/layouttemplates/<object_id>/template"
# The document only says that there is a limit.
MOST_BYTES = 10_000


class LayoutTemplateAnswers(Answers):
    """The layouts of layout templates."""

    def routes(self) -> list[Route]:
        """Return what the node answers."""
        return [Route("GET", PATH, self._show), Route("PUT", PATH, self._put)]

    def _show(self, object_id: str) -> Response:
        text = self._found(object_id).values.get(TEMPLATE, "")
        return Response(text, content_type="application/json")

    def _put(self, object_id: str) -> Response:
        """Keep the body; an empty one takes the layout away."""
        found, body = self._found(object_id), request.get_data()
        if len(body) > MOST_BYTES:
            raise CmsFailure(FailureElement("layoutTemplateDescriptionTooLong"))
        self.state.collection("layoutTemplates").modify(found.id, {TEMPLATE: self._checked(body)})
        return empty_answer(200)

    def _checked(self, body: bytes) -> str:
        try:
            text = body.decode("utf-8")
            if text:
                json.loads(text)
            return text
        except (ValueError, RecursionError):
            raise CmsFailure(parameter_error(TEMPLATE, self.switches.parameter_error)) from None

    def _found(self, object_id: str) -> Record:
        require_guid(object_id)
        return self.state.collection("layoutTemplates").get(object_id)
