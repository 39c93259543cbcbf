"""What the command that serves the portal says for the front, which has no words of its own."""

import json
from http import HTTPStatus

import pytest

from flaskr.front import RefusedRequest
from flaskr.serve import _wording


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (413, "body_too_large", "The body is larger than the portal takes."),
        (500, "portal_failed", "The portal failed here; its log says more."),
        (
            503, "portal_busy",
            "The portal is busy: all its threads are at work. Nothing was done; try again.",
        ),
    ],
)
def test_a_refusal_without_a_message_gets_the_one_of_its_status(
    status: int, code: str, message: str
) -> None:
    _, body = _wording(RefusedRequest(HTTPStatus(status)), None, "127.0.0.1")
    answer = json.loads(body)
    assert (answer["message"], answer["error"]["code"]) == (message, code)


def test_a_refusal_with_a_message_keeps_it() -> None:
    refusal = RefusedRequest(HTTPStatus.REQUEST_TIMEOUT, "Only its head came.")
    _, body = _wording(refusal, None, "127.0.0.1")
    assert json.loads(body)["message"] == "Only its head came."
