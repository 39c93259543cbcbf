"""The client of the Webex API, which posts messages; also by an incoming webhook."""

import logging
import re
from collections.abc import Mapping
import requests

from flaskr.places import root_of
from flaskr.rest.v1.authentication import Bearer
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.formats import JSON, Document, Unreadable, find
from flaskr.rest.v1.rest import REST
from flaskr.result import Failure, Outcome, Reason
from flaskr.webex.v1.texts import cut

logger = logging.getLogger(__name__)

URL = "https://webexapis.com/v1"
MESSAGES, WEBHOOK, ME = "messages", "webhooks/incoming", "people/me"
_LAST = 4  # characters of a secret that may be shown
_MOST_SHOWN = 300  # characters of what Webex says
_TRACKING_ID = re.compile(r"[\w-]{1,100}", re.ASCII)


class Webex(REST):
    """A client of Webex, for a bot's or user's token, an incoming webhook, or both.

    `url` is where the API begins; `webhook` is a whole address there, which is a secret. `room_id`
    is the room for the token's messages; a webhook has a room of its own, which goes before.
    The further arguments are those of REST.
    """

    title = "Webex"
    settings_prefix = "WEBEX"
    timeout_setting = "PORTAL_TIMEOUT"
    format = JSON()
    busy_statuses = (423, 429, 503)
    look_first = "It may have been sent all the same: look before you send it again."

    def __init__(
        self,
        url: str = URL,
        token: str = "",
        room_id: str = "",
        webhook: str = "",
        *,
        tls_verify: bool | str = True,
        timeout: float = 10.0,
    ) -> None:
        place, path = root_of(url)
        super().__init__(
            [str(place)],
            base_url=path,
            headers={
                "Accept": self.format.media_type,
                "Content-Type": f"{self.format.media_type}; charset=utf-8",
            },
            authentication=Bearer(token) if token else None,
            tls_verify=tls_verify,
            timeout=timeout,
        )
        self._room_id = room_id
        self._webhook = webhook
        self._secrets = [each for each in (token, webhook, webhook.rpartition("/")[2]) if each]
        self.reaches_people = bool(token)
        self.has_room = bool(webhook or (token and room_id))

    def post_to_room(self, markdown: str) -> Outcome:
        """Post a message to the room. Raises Failure.

        It is in Webex's Markdown, of which texts that people made are `escaped`.
        """
        if self._webhook:
            return self._post(WEBHOOK, {"markdown": cut(markdown)})
        return self._post(MESSAGES, {"roomId": self._room_id, "markdown": cut(markdown)})

    def post_to_person(self, address: str, text: str) -> Outcome:
        """Post a text, which is no Markdown, to a person by e-mail address. Raises Failure."""
        return self._post(MESSAGES, {"toPersonEmail": address, "text": cut(text)})

    def get_me(self) -> Document:
        """Return whom the token is of. Raises Failure, such as for one that holds no more."""
        answer = self._send(Call("GET", ME))
        failure = self._failure_of_status(answer)
        if failure:
            raise failure
        return self._read(answer)

    def _post(self, api_method: str, message: Mapping[str, str]) -> Outcome:
        """Send a message, once: a retry after a lost answer might post it twice."""
        answer = self._send_request(api_method, None, self.format.write(message), "POST")
        failure = self._failure_of_status(answer)
        if failure:
            raise failure
        if api_method == MESSAGES and not find(self._read(answer), "id"):
            raise self._unreadable(answer, "it does not give the ID of a message")
        return Outcome(self._message(answer.call, "sent."))

    def _prepare(self, call: Call) -> requests.PreparedRequest:
        """Return a call as the request that goes out. A webhook stands nowhere but there."""
        prepared = super()._prepare(call)
        if call.api_method == WEBHOOK:
            prepared.prepare_url(self._webhook, None)
            prepared.headers.pop("Authorization", None)
        return prepared

    def _failure_of_status(self, answer: Answer) -> Failure | None:
        """Return the failure that an answer tells of, in Webex's words, or None for a 2xx."""
        failure = super()._failure_of_status(answer)
        if failure is None:
            return None
        self._log_tracking_id(answer)
        said = self._said(answer)
        if said and failure.reason is Reason.UNEXPECTED_STATUS:
            return self._failure(answer.call, Reason.REFUSED, "it refuses this: {cause}", said)
        if said:
            failure.message += f" It says: {said}"
        return failure

    def _said(self, answer: Answer) -> str:
        """Return what Webex says, without a secret that it repeats; nothing of what is no JSON."""
        try:
            message = find(self.format.read(answer.body), "message")
        except Unreadable:
            return ""
        text = message if isinstance(message, str) else ""
        for secret in self._secrets:
            text = text.replace(secret, last_characters(secret))
        return "".join(filter(str.isprintable, text))[:_MOST_SHOWN]

    def _log_tracking_id(self, answer: Answer) -> None:
        """Log what Cisco's support asks for."""
        sent = answer.headers.get("trackingId", "")
        tracking_id = sent if _TRACKING_ID.fullmatch(sent) else "-"
        logger.warning("webex status=%s tracking_id=%s", answer.status, tracking_id)

    def _setting_names(self) -> Mapping[str, str]:
        setting = "WEBEX_WEBHOOK" if self._webhook and not self.reaches_people else "WEBEX_URL"
        names = {"host": setting, "address": f"the host and path in {setting}"}
        login = "WEBEX_TOKEN" if self.reaches_people else setting
        return {**super()._setting_names(), **names, "login": login}


def last_characters(secret: str) -> str:
    """Return what may be shown of a secret, to tell it from another."""
    return f"…{secret[-_LAST:]}"
