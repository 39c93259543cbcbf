"""A client of Unity Connection for dry runs."""

from collections.abc import Mapping
from typing import Any

from flaskr.cuc.v1.cupi import CUPI
from flaskr.provisioning.mailbox_change import change_of, refusal
from flaskr.provisioning.withheld import DryClient
from flaskr.rest.v1.calls import Call
from flaskr.rest.v1.rest import Payload
from flaskr.result import Outcome


class DryCUPI(DryClient, CUPI):
    """A client that keeps all changes to itself, in `withheld`, and reads the rest.

    What Unity Connection would refuse, as far as that can be told, is refused. What would be made
    is read as an empty object; what would be changed is read as it is. It shares the connections of
    the client that it is made of.
    """

    def __init__(self, cupi: CUPI) -> None:
        vars(self).update(vars(cupi))
        self.withheld = []
        self._made: set[str] = set()  # the paths of mailboxes

    def request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Outcome:
        """Ask Unity Connection, or return what would come of a change. Raises Failure."""
        if http_method == "GET":
            if any(api_method.startswith(path) for path in self._made):
                return self._retrieved_as_made(api_method)
            return super().request(api_method, parameters)
        change = change_of(http_method, api_method, parameters, payload, {})
        refused = refusal(self, change)
        if refused:
            raise refused
        new_id = self._withhold(change)
        if new_id:
            self._made.add(change.place(new_id))
        return self._not_sent(change, new_id)

    def _retrieved_as_made(self, api_method: str) -> Outcome:
        return Outcome(self._message(Call("GET", api_method), "as it would be."), {})
