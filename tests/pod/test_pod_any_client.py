"""Whatever a client does that knows only the API description: the simulated CMS agrees with it."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine, precondition, rule, run_state_machine_as_test,
)
from postman.answers import Answer, Failure, Server
from support.cms_model import THE_ONE, CmsModel, Key, KnownObject, nodes_with
from support.cms_nodes import KNOWN_NODES, KnownNode, KnownValue

from flaskr.pod import Pod

EXAMPLES = settings(max_examples=25, stateful_step_count=25, deadline=None)
texts = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)
# By the kind of a parameter: values that are right, and some that are wrong.
RIGHT: dict[str, st.SearchStrategy[str]] = {
    "text": texts,
    "short": texts | st.just("x" * 100),
    "number": st.integers(1, 10_000).map(str),
    "boolean": st.sampled_from(["true", "false"]),
    "url": st.uuids().map("https://{}.example/a".format),
}
WRONG: dict[str, st.SearchStrategy[str]] = {
    "short": st.just("x" * 101),
    "number": st.sampled_from(["one", "1.5", "0x10", "1 2"]),
    "boolean": st.sampled_from(["yes", "1", "maybe"]),
    "url": st.sampled_from(["example", "https://"]),
    "words": st.sampled_from(["another", "true"]),
    "ID": st.sampled_from(["1", "none"]),
}


@pytest.fixture
def server(pod: Pod) -> Iterator[Server]:
    url = pod.cms_url.removesuffix("/api/v1")
    with closing(Server(url, pod.username, pod.password, str(pod.ca_file))) as server:
        yield server


def test_a_client_that_knows_the_description_alone_is_never_surprised(
    pod: Pod, server: Server
) -> None:
    start = model_of(server)

    def any_client() -> AnyClient:
        pod.reset()
        return AnyClient(server, deepcopy(start))

    run_state_machine_as_test(any_client, settings=EXAMPLES)  # type: ignore[no-untyped-call]


class AnyClient(RuleBasedStateMachine):
    """A client that creates, reads, changes, deletes and lists, and remembers what it did."""

    def __init__(self, server: Server, model: CmsModel) -> None:
        super().__init__()
        self.server, self.model = server, model

    @rule(data=st.data())
    def create(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(nodes_with("POST")))
        above = self.some_above(data, node)
        if above is None:
            return
        values = self.some_values(data, node, KnownObject(above))
        if any(value.required and value.name not in values for value in node.values):
            return
        answer = self.server.ask("POST", node.path.replace("*", above), values)
        assert answer.ok, (node.path, values, str(answer))
        place = answer.location.removeprefix("/api/v1/")
        key = Key(node.path, place.rpartition("/")[2])
        self.model.objects[node.path][key.id] = KnownObject(above, values)
        assert place == self.model.place(key)
        self.agree_on(key)

    @rule(data=st.data())
    def modify(self, data: st.DataObject) -> None:
        key = self.some_object(data, "PUT")
        known = self.model.get(key)
        values = self.some_values(data, KNOWN_NODES[key.path], known)
        optional = [each.name for each in KNOWN_NODES[key.path].values if not each.required]
        unset = data.draw(st.sets(st.sampled_from(optional), max_size=2)) if optional else set()
        changes = {**values, **dict.fromkeys(unset, "")}
        answer = self.server.ask("PUT", self.model.place(key), changes)
        assert answer.ok, (key.path, changes, str(answer))
        known.values = {
            name: value for name, value in {**known.values, **changes}.items() if value
        }
        self.agree_on(key)

    @rule(data=st.data())
    def send_what_is_wrong(self, data: st.DataObject) -> None:
        key = self.some_object(data, "PUT")
        node = KNOWN_NODES[key.path]
        known = [each for each in node.values if each.kind in WRONG and not is_only_created(each)]
        if not known:
            return
        value = data.draw(st.sampled_from(known))
        wrong = {value.name: data.draw(WRONG[value.kind])}
        answer = self.server.ask("PUT", self.model.place(key), wrong)
        assert answer.failures == [Failure("parameterError", value.name)]
        if "POST" in node.methods and not node.single:
            place = self.model.place(key).rpartition("/")[0]
            answer = self.server.ask("POST", place, wrong)
            assert Failure("parameterError", value.name) in answer.failures
        self.agree_on(key)

    @rule(data=st.data())
    def refer_to_nothing(self, data: st.DataObject) -> None:
        key = self.some_object(data, "PUT")
        known = [each for each in KNOWN_NODES[key.path].values if each.refers_to]
        if not known:
            return
        value = data.draw(st.sampled_from(known))
        answer = self.server.ask("PUT", self.model.place(key), {value.name: str(uuid.uuid4())})
        assert answer.failures == [Failure(KNOWN_NODES[value.refers_to].unknown)]
        self.agree_on(key)

    @rule(data=st.data())
    def leave_out_what_is_required(self, data: st.DataObject) -> None:
        nodes = [node for node in nodes_with("POST") if any(each.required for each in node.values)]
        node = data.draw(st.sampled_from(nodes))
        above = self.some_above(data, node)
        if above is None:
            return
        answer = self.server.ask("POST", node.path.replace("*", above))
        missing = {Failure("parameterError", each.name) for each in node.values if each.required}
        assert set(answer.failures) == missing
        self.agree_on_list(node, above)

    @rule(data=st.data(), method=st.sampled_from(["GET", "PUT", "DELETE"]))
    def name_an_unknown_object(self, data: st.DataObject, method: str) -> None:
        known = nodes_with(method) if method != "GET" else list(KNOWN_NODES.values())
        node = data.draw(st.sampled_from([each for each in known if not each.single]))
        above = self.some_above(data, node)
        if above is None:
            return
        place = node.path.replace("*", above)
        answer = self.server.ask(method, f"{place}/{uuid.uuid4()}")
        assert answer.failures == [Failure(node.unknown)]
        if node.above:
            answer = self.server.ask(method, f"{node.path.replace('*', str(uuid.uuid4()))}/1")
            assert answer.failures == [Failure(KNOWN_NODES[node.above].unknown)]

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        self.agree_on(data.draw(st.sampled_from(self.model.keys())))

    @rule(data=st.data())
    def list(self, data: st.DataObject) -> None:
        nodes = [node for node in KNOWN_NODES.values() if not node.single]
        node = data.draw(st.sampled_from(nodes))
        above = self.some_above(data, node)
        if above is not None:
            self.agree_on_list(node, above)

    @rule(data=st.data())
    def filter_by_reference(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from([each for each in KNOWN_NODES.values() if each.filters]))
        above = self.some_above(data, node)
        name = data.draw(st.sampled_from(node.filters))
        target = next(each.refers_to for each in node.values if each.name == name)
        if above is None or not self.model.objects[target]:
            return
        wanted = data.draw(st.sampled_from(sorted(self.model.objects[target])))
        found = {
            key for key, each in self.model.beneath(node.path, above).items()
            if each.values.get(name) == wanted
        }
        place = node.path.replace("*", above)
        assert self.listed(place, {f"{name}Filter": wanted}) == found

    @rule(data=st.data(), usage=st.sampled_from(["referenced", "unreferenced"]))
    def filter_by_usage(self, data: st.DataObject, usage: str) -> None:
        node = data.draw(st.sampled_from([each for each in KNOWN_NODES.values() if each.usage]))
        found = {
            name for name in self.model.objects[node.path]
            if any(self.model.users_of(Key(node.path, name))) == (usage == "referenced")
        }
        assert self.listed(node.path, {"usageFilter": usage}) == found

    @precondition(lambda self: self.deletable())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.deletable()))
        place = self.model.place(key)
        answer = self.server.ask("DELETE", place)
        if self.model.is_needed(key):
            assert answer.failures == [Failure("invalidOperation")]
            self.agree_on(key)
            return
        assert answer.ok, (place, str(answer))
        for user in self.model.delete(key):
            self.agree_on(user)
        assert self.server.ask("GET", place).failures == [Failure(KNOWN_NODES[key.path].unknown)]

    def deletable(self) -> "list[Key]":
        """Return the objects that a client may delete."""
        return [
            key for key in self.model.keys()
            if "DELETE" in KNOWN_NODES[key.path].methods and key.id != THE_ONE
            if not self.model.get(key).fixed
        ]

    def some_object(self, data: st.DataObject, method: str) -> Key:
        """Draw an object that has the method: of any such node that has objects."""
        filled = [
            node for node in nodes_with(method)
            if any(not each.fixed for each in self.model.objects[node.path].values())
        ]
        node = data.draw(st.sampled_from(filled))
        objects = self.model.objects[node.path]
        return Key(
            node.path,
            data.draw(st.sampled_from(sorted(name for name in objects if not objects[name].fixed))),
        )

    def some_above(self, data: st.DataObject, node: KnownNode) -> "str | None":
        """Draw an object above those of the node: empty at the top, None where there is none."""
        if not node.above:
            return ""
        above = sorted(self.model.objects[node.above])
        return data.draw(st.sampled_from(above)) if above else None

    def some_values(
        self, data: st.DataObject, node: KnownNode, known: KnownObject
    ) -> "dict[str, str]":
        """Draw values for what is required of a new object, and for some of the rest."""
        values = {}
        for value in node.values:
            new = not known.values
            if is_only_created(value) and not new:
                continue
            if value.required and new or data.draw(st.booleans()):
                drawn = data.draw(st.sampled_from(choices)) if (
                    choices := self.choices(value, node, known)
                ) else None
                if value.kind in RIGHT:
                    drawn = data.draw(RIGHT[value.kind])
                if drawn is not None:
                    values[value.name] = drawn
        return values

    def choices(self, value: KnownValue, node: KnownNode, known: KnownObject) -> "list[str]":
        """Return what a value can be, where it is one of a few."""
        beside = self.model.beneath(node.path, known.above).values()
        taken = {each.values.get(value.name) for each in beside} if node.above else set()
        if value.kind == "user":
            users = self.model.objects["users"].values()
            return sorted({user.values["userJid"] for user in users} - taken)
        if value.refers_to:
            found = sorted(self.model.objects[value.refers_to])
            once = node.path == "users/*/userCoSpaceTemplates"
            return [each for each in found if not (once and each in taken)]
        return [*value.words]

    def agree_on(self, key: Key) -> None:
        """Check that a GET shows what is set, and nothing where nothing is."""
        answer = self.server.ask("GET", self.model.place(key))
        assert answer.ok, (key, str(answer))
        known, shown = self.model.get(key).values, answer.values
        for value in KNOWN_NODES[key.path].values:
            text = shown.get(value.name.lower(), "")
            if value.name in known:
                assert text == known[value.name], (key.path, value.name)
            elif value.kind in ("text", "short", "url", "ID"):
                assert text == "", (key.path, value.name)

    def agree_on_list(self, node: KnownNode, above: str) -> None:
        """Check that a list has all objects that there are."""
        place = node.path.replace("*", above)
        assert self.listed(place, {}) == set(self.model.beneath(node.path, above))

    def listed(self, place: str, query: "dict[str, str]") -> "set[str]":
        """Return the IDs of all pages of a list, each of them once."""
        ids = [*self.server.listed(place, query)]
        assert len(ids) == len(set(ids))
        return set(ids)


def is_only_created(value: KnownValue) -> bool:
    """Tell whether a POST takes the value, but no PUT."""
    return value.kind == "user"


def model_of(server: Server) -> CmsModel:
    """Return all that a CMS has at its start."""
    model = CmsModel()
    for node in KNOWN_NODES.values():
        for above in model.objects[node.above] if node.above else [""]:
            place = node.path.replace("*", above)
            for object_id in [THE_ONE] if node.single else server.listed(place):
                answer = server.ask("GET", f"{place}/{object_id}".rstrip("/"))
                model.objects[node.path][object_id] = known_object(node, above, answer)
    return model


def known_object(node: KnownNode, above: str, answer: Answer) -> KnownObject:
    shown = answer.values
    values = {
        value.name: text for value in node.values if (text := shown.get(value.name.lower(), ""))
    }
    return KnownObject(above, values, shown.get("autogenerated") == "true")
