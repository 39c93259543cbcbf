"""Go through the requests of a collection, and check what came of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import cached_property

from postman.answers import BASE, Answer, Server
from postman.order import Nodes, in_order
from postman.steps import VARIABLE, Step, node_of
from postman.values import Values

# Parameters that are not read back: secrets, and those that only ask for something.
NOT_SHOWN = {
    "password", "sharedsecret", "requirecallid", "regeneratesecret", "owneradguid",
    "confirmation", "bandwidth", "dtmfsequence", "deactivated",
}
# The same at one node only, by its path. A call's name is not changed by a PUT.
NOT_SHOWN_AT = {
    "callLegs/*": {"calllegprofile"}, "participants/*": {"calllegprofile"}, "calls/*": {"name"},
    "ldapSyncs/*": {"tenant", "ldapsource", "removewhenfinished"},
}
# What is read back under another name.
SHOWN_AS = {"url": "uri"}
MOST_ATTEMPTS = 9


class Run:
    """One go through the steps of a collection."""

    def __init__(self, server: Server, nodes: Nodes, say: Callable[[str], None]) -> None:
        self._server, self._nodes, self._say = server, nodes, say
        self._values = Values(self._id_of_variable, lambda: self._jid)
        # The path of the object that each node's variable stands for.
        self._places: dict[str, str] = {}
        self.problems: list[str] = []
        # What the CMS refused for its values, whatever was left out.
        self.refusals: list[str] = []

    def go(self) -> int:
        """Send all requests, say what came of each, and return how many are as they should be."""
        return sum(self._is_right(step) for step in in_order(self._nodes))

    def _is_right(self, step: Step) -> bool:
        before = len(self.problems)
        path = self._path(step)
        answer, sent = self._send(step, path)
        self._say(f"{step.method} {path} {answer}")
        if not answer.is_proper:
            self._complain(f"{step}: {answer}")
        elif answer.ok:
            self._check(step, path, answer, sent)
        else:
            self.refusals.append(f"{step}: {answer}")
        return len(self.problems) == before

    def _complain(self, problem: str) -> None:
        self._say(f"    {problem}")
        self.problems.append(problem)

    def _send(self, step: Step, path: str) -> tuple[Answer, Mapping[str, str]]:
        """Send a step, without the values to blame where it is refused for them."""
        other = step.method == "PUT"
        form, query = self._values.fill(step.form, other=other), self._values.fill(step.query)
        enabled = {field.name for field in step.form if field.enabled}
        answer = self._server.ask(step.method, path, form, query)
        for _ in range(MOST_ATTEMPTS):
            if answer.ok or not answer.is_proper:
                break
            wrong = {failure.parameter for failure in answer.failures} & (form.keys() - enabled)
            left = {name: text for name, text in form.items() if name not in wrong}
            if not wrong:
                left = {name: text for name, text in form.items() if name in enabled}
            if left == form:
                break
            self._say(f"    {answer} without {', '.join(sorted(form.keys() - left.keys()))}:")
            answer, form = self._server.ask(step.method, path, left, query), left
        return answer, form

    def _check(self, step: Step, path: str, answer: Answer, sent: Mapping[str, str]) -> None:
        if node := self._nodes.made_by(step):
            self._check_made(step, node, answer, sent)
        elif step.method in ("POST", "PUT"):
            self._check_shown(step, path, step.node, sent)
        elif step.method == "DELETE" and VARIABLE.search(step.path.rpartition("/")[2]):
            self._check_gone(step, path)

    def _check_made(
        self, step: Step, node: str, answer: Answer, sent: Mapping[str, str]
    ) -> None:
        place = answer.location.removeprefix(BASE)
        if place == answer.location or "/" not in place:
            self._complain(f"{step}: the Location is {answer.location!r}")
            return
        self._places[node] = place
        if f"{node}/*" in self._nodes.read:
            self._check_shown(step, place, f"{node}/*", sent)
        if node in self._nodes.read and not self._is_listed(place):
            self._complain(f"{step}: the list lacks it")

    def _check_shown(
        self, step: Step, place: str, node: str, sent: Mapping[str, str]
    ) -> None:
        if node not in self._nodes.read or place.endswith("*"):
            return
        answer = self._server.ask("GET", place)
        if not answer.ok:
            self._complain(f"{step}: a GET of it answers {answer}")
            return
        shown, hidden = answer.values, NOT_SHOWN | NOT_SHOWN_AT.get(node, set())
        wrong = [
            f"{name} reads {found!r} rather than {value!r}"
            for name, value in sent.items()
            if name.lower() not in hidden
            if (found := _shown_as(name, shown)).casefold() != value.casefold()
        ]
        if wrong:
            self._complain(f"{step}: {', '.join(wrong)}")

    def _check_gone(self, step: Step, place: str) -> None:
        if step.node in self._nodes.read:
            answer = self._server.ask("GET", place)
            if not answer.is_of_no_object:
                self._complain(f"{step}: a GET of it answers {answer}")
        if step.node.removesuffix("/*") in self._nodes.read and self._is_listed(place):
            self._complain(f"{step}: it is still in the list")

    def _is_listed(self, place: str) -> bool:
        above, _, object_id = place.rpartition("/")
        return object_id in self._server.listed(above)

    def _path(self, step: Step) -> str:
        path = ""
        rest = step.path
        while found := VARIABLE.search(rest):
            path += rest[:found.start()]
            node = node_of(step.path[:len(step.path) - len(rest) + found.start()])
            path += self._id_of(node, path) or str(uuid.uuid4())
            rest = rest[found.end():]
        return path + rest

    def _id_of(self, node: str, path: str) -> str:
        """Return the ID of an object that was made, else of one that is there; else nothing."""
        for known in (node, node.rpartition("/")[2]):
            if known in self._places:
                return self._places[known].rpartition("/")[2]
        return next(self._server.listed(path.rstrip("/")), "")

    def _id_of_variable(self, name: str) -> str:
        node = self._nodes.home.get(name, "")
        return self._id_of(node, node) if node else ""

    @cached_property
    def _jid(self) -> str:
        """Return the JID of a user that the CMS has."""
        user = next(self._server.listed("users"), "")
        return self._server.ask("GET", f"users/{user}").values.get("userjid", "")


def _shown_as(name: str, shown: Mapping[str, str]) -> str:
    key = name.lower()
    return shown.get(key, shown.get(SHOWN_AS.get(key, ""), ""))
