"""Whatever a client does that knows only the API description: the simulated CMS agrees with it."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine, initialize, rule, run_state_machine_as_test,
)
from postman.answers import Answer, Failure, Server
from support.cms_model import THE_ONE, CmsModel, Key, KnownObject, nodes_with
from support.cms_nodes import KNOWN_NODES, KnownNode, KnownValue

from flaskr.pod import Pod

# To make a failure small takes minutes: leave out `phases` where that is wanted.
EXAMPLES = settings(
    max_examples=20, stateful_step_count=25, deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
# A node of one object that is always there: something to change, whatever else there is.
SYSTEM = "system/profiles"
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
    """A client that creates, reads, changes, deletes and lists, and remembers what it did.

    It draws from objects in the order in which they were made: their IDs are others each time.
    """

    def __init__(self, server: Server, model: CmsModel) -> None:
        super().__init__()
        self.server, self.model = server, model
        self.nodes: list[KnownNode] = []

    @initialize(
        data=st.data(), paths=st.sets(st.sampled_from(sorted(KNOWN_NODES)), min_size=1, max_size=3)
    )
    def choose_nodes(self, data: st.DataObject, paths: set[str]) -> None:
        """Keep to a few nodes and those that they need, so that much happens between them."""
        for path in sorted({SYSTEM, *paths}):
            node = KNOWN_NODES[path]
            needed = (each.refers_to for each in node.values if path != SYSTEM)
            for each in (path, node.above, *needed):
                if each and KNOWN_NODES[each] not in self.nodes:
                    self.nodes.append(KNOWN_NODES[each])
        for node in self.nodes_with("POST") * 2:
            self.create_one(data, node)

    @rule(data=st.data())
    def create(self, data: st.DataObject) -> None:
        if node := self.some_node(data, self.nodes_with("POST")):
            self.create_one(data, node)

    def create_one(self, data: st.DataObject, node: KnownNode) -> None:
        """Create an object of the node, if what it needs is there."""
        above = self.some_above(data, node)
        if above is None:
            return
        values = self.some_values(data, node, KnownObject(above))
        if any(is_needed(value) and value.name not in values for value in node.values):
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
        key = self.changeable(data)
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
        key = self.changeable(data)
        node = KNOWN_NODES[key.path]
        known = [each for each in node.values if each.kind in WRONG]
        wrong = {each.name: data.draw(WRONG[each.kind]) for each in known}
        expected = {Failure("parameterError", name) for name in wrong}
        if not wrong:
            return
        answer = self.server.ask("PUT", self.model.place(key), wrong)
        assert set(answer.failures) == expected
        if "POST" in node.methods and not node.single:
            answer = self.server.ask("POST", self.model.place(key).rpartition("/")[0], wrong)
            assert set(answer.failures) >= expected
        self.agree_on(key)

    @rule(data=st.data())
    def refer_to_nothing(self, data: st.DataObject) -> None:
        key = self.changeable(data)
        known = [each for each in KNOWN_NODES[key.path].values if each.refers_to]
        if not known:
            return
        value = data.draw(st.sampled_from(known))
        answer = self.server.ask("PUT", self.model.place(key), {value.name: str(uuid.uuid4())})
        assert answer.failures == [Failure(KNOWN_NODES[value.refers_to].unknown)]
        self.agree_on(key)

    @rule(data=st.data())
    def leave_out_what_is_required(self, data: st.DataObject) -> None:
        nodes = self.nodes_with("POST")
        with_required = [each for each in nodes if any(value.required for value in each.values)]
        node = self.some_node(data, with_required)
        above = self.some_above(data, node)
        if node is None or above is None:
            return
        answer = self.server.ask("POST", node.path.replace("*", above))
        missing = {Failure("parameterError", each.name) for each in node.values if each.required}
        assert set(answer.failures) == missing
        self.agree_on_list(node, above)

    @rule(data=st.data(), method=st.sampled_from(["GET", "PUT", "DELETE"]))
    def name_an_unknown_object(self, data: st.DataObject, method: str) -> None:
        known = self.nodes if method == "GET" else self.nodes_with(method)
        node = self.some_node(data, [each for each in known if not each.single])
        above = self.some_above(data, node)
        if node is None or above is None:
            return
        place = node.path.replace("*", above)
        answer = self.server.ask(method, f"{place}/{uuid.uuid4()}")
        assert answer.failures == [Failure(node.unknown)]
        if node.above:
            answer = self.server.ask(method, f"{node.path.replace('*', str(uuid.uuid4()))}/1")
            assert answer.failures == [Failure(KNOWN_NODES[node.above].unknown)]

    @rule(data=st.data())
    def name_an_object_beneath_another(self, data: st.DataObject) -> None:
        children = [key for key in self.keys() if KNOWN_NODES[key.path].above]
        if not children:
            return
        key = data.draw(st.sampled_from(children))
        node, own = KNOWN_NODES[key.path], self.model.get(key).above
        others = [each for each in self.model.objects[node.above] if each != own]
        if not others:
            return
        other = data.draw(st.sampled_from(others))
        answer = self.server.ask("GET", f"{key.path.replace('*', other)}/{key.id}")
        assert answer.failures == [Failure(node.unknown)]

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        self.agree_on(data.draw(st.sampled_from(self.keys())))

    @rule(data=st.data())
    def list_all(self, data: st.DataObject) -> None:
        node = self.some_node(data, [each for each in self.nodes if not each.single])
        above = self.some_above(data, node)
        if node is not None and above is not None:
            self.agree_on_list(node, above)

    @rule(data=st.data())
    def filter_by_reference(self, data: st.DataObject) -> None:
        node = self.some_node(data, [each for each in self.nodes if each.filters])
        above = self.some_above(data, node)
        if node is None or above is None:
            return
        name = data.draw(st.sampled_from(node.filters))
        target = next(each.refers_to for each in node.values if each.name == name)
        if not self.model.objects[target]:
            return
        wanted = data.draw(st.sampled_from([*self.model.objects[target]]))
        found = {
            key for key, each in self.model.beneath(node.path, above).items()
            if each.values.get(name) == wanted
        }
        place = node.path.replace("*", above)
        assert self.listed(place, {f"{name}Filter": wanted}) == found

    @rule(data=st.data(), usage=st.sampled_from(["referenced", "unreferenced"]))
    def filter_by_usage(self, data: st.DataObject, usage: str) -> None:
        node = self.some_node(data, [each for each in self.nodes if each.usage])
        if node is None:
            return
        found = {
            name for name in self.model.objects[node.path]
            if any(self.model.users_of(Key(node.path, name))) == (usage == "referenced")
        }
        assert self.listed(node.path, {"usageFilter": usage}) == found

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = self.some_object(data, "DELETE")
        if key is None:
            return
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

    def keys(self) -> list[Key]:
        """Return the objects of the nodes that this client keeps to."""
        return [key for key in self.model.keys() if KNOWN_NODES[key.path] in self.nodes]

    def nodes_with(self, method: str) -> list[KnownNode]:
        """Return those of the nodes that have a method."""
        return [node for node in nodes_with(method) if node in self.nodes]

    def some_node(self, data: st.DataObject, nodes: list[KnownNode]) -> KnownNode | None:
        """Draw one of the nodes, if there are any."""
        return data.draw(st.sampled_from(nodes)) if nodes else None

    def some_object(self, data: st.DataObject, method: str) -> Key | None:
        """Draw an object that has the method: first the node, so that none has the most of it."""
        keys = [key for key in self.keys() if not self.model.get(key).fixed]
        paths = [node.path for node in self.nodes_with(method)]
        filled = sorted({key.path for key in keys} & {*paths})
        if not filled:
            return None
        path = data.draw(st.sampled_from(filled))
        return data.draw(st.sampled_from([key for key in keys if key.path == path]))

    def changeable(self, data: st.DataObject) -> Key:
        """Draw an object that a PUT can change; that of the system is always there."""
        return self.some_object(data, "PUT") or Key(SYSTEM, THE_ONE)

    def some_above(self, data: st.DataObject, node: KnownNode | None) -> str | None:
        """Draw an object above those of the node: empty at the top, None where there is none."""
        if node is None or not node.above:
            return ""
        above = [*self.model.objects[node.above]]
        return data.draw(st.sampled_from(above)) if above else None

    def some_values(
        self, data: st.DataObject, node: KnownNode, known: KnownObject
    ) -> dict[str, str]:
        """Draw values for what is required of a new object, and for some of the rest."""
        new = not known.values
        values: dict[str, str] = {}
        for value in node.values:
            if new or not is_only_created(value):
                if new and is_needed(value) or data.draw(st.booleans()):
                    values |= self.some_value(data, value, node, known)
        return values

    def some_value(
        self, data: st.DataObject, value: KnownValue, node: KnownNode, known: KnownObject
    ) -> dict[str, str]:
        """Draw a value by its name; nothing where there is none that it can be."""
        if value.kind in RIGHT:
            return {value.name: data.draw(RIGHT[value.kind])}
        choices = self.choices(value, node, known)
        return {value.name: data.draw(st.sampled_from(choices))} if choices else {}

    def choices(self, value: KnownValue, node: KnownNode, known: KnownObject) -> list[str]:
        """Return what a value can be, where it is one of a few."""
        beside = self.model.beneath(node.path, known.above).values()
        taken = {each.values.get(value.name) for each in beside} if node.above else set()
        if value.kind == "user":
            users = self.model.objects["users"].values()
            return sorted({user.values["userJid"] for user in users} - taken)
        if value.refers_to:
            found = [*self.model.objects[value.refers_to]]
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

    def listed(self, place: str, query: dict[str, str]) -> set[str]:
        """Return the IDs of all pages of a list, each of them once."""
        ids = [*self.server.listed(place, query)]
        assert len(ids) == len(set(ids))
        return set(ids)


def is_needed(value: KnownValue) -> bool:
    """Tell whether a new object makes no sense without the value."""
    return value.required or value.essential


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
