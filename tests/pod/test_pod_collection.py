"""A client that goes through a Postman collection: one made of all nodes of the simulated CMS."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from postman import command
from postman.answers import Answer, Server
from postman.command import run_collection

from flaskr.pod import Pod
from flaskr.pod.cms.node import Node
from flaskr.pod.cms.nodes.table import BY_PATH, NODES
from flaskr.pod.cms.parameters import Parameter

Collection = dict[str, Any]
# A value, and the placeholder of parameters that take it, unless they take one before it.
KINDS = {
    "any text": "String", "text": "URI user part", "https://x.example/": "URL", "7": "Number",
    "00000000-0000-4000-8000-000000000000": "ID",
}


class Forgetful(Server):
    """A CMS that overlooks a parameter, and doesn't do what one method asks for."""

    forgotten, undone = "", ""

    def ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to something else."""
        kept = {name: value for name, value in (form or {}).items() if name != self.forgotten}
        return super().ask("GET" if method == self.undone else method, path, kept, query)


@pytest.fixture
def server(pod: Pod) -> Iterator[Forgetful]:
    url = pod.cms_url.removesuffix("/api/v1")
    with closing(Forgetful(url, pod.username, pod.password, str(pod.ca_file))) as server:
        yield server


def request(method: str, path: str, *form: Mapping[str, Any]) -> dict[str, Any]:
    body = {"mode": "urlencoded", "urlencoded": list(form)}
    return {"request": {"method": method, "url": f"https://h/api/v1/{path}", "body": body}}


def optional(name: str, value: str) -> dict[str, Any]:
    return {"key": name, "value": value, "disabled": True}


def spaces(*form: Mapping[str, Any]) -> Collection:
    """Return a collection for coSpaces with these parameters."""
    place = "coSpaces/{{coSpaceID}}"
    return {
        "item": [
            request("DELETE", place), request("PUT", place, *form), request("GET", place),
            request("POST", "coSpaces", *form), request("GET", "coSpaces"),
        ]
    }


def test_a_collection_is_run_from_creation_to_deletion(server: Server) -> None:
    said: list[str] = []
    collection = spaces(optional("name", "String"), optional("nonMemberAccess", "true,false"))
    assert run_collection(server, collection, said.append) == 0
    methods = [line.split()[0] for line in said[:-1]]
    assert methods == ["GET", "POST", "GET", "PUT", "DELETE"]
    assert said[-1] == "5 of 5"


def test_an_optional_value_that_is_refused_is_left_out(server: Server) -> None:
    said: list[str] = []
    collection = spaces(optional("name", "String"), optional("defaultLayout", "round,square"))
    assert run_collection(server, collection, said.append) == 0
    assert any("defaultLayout without defaultLayout" in line for line in said)


def test_a_node_that_the_cms_does_not_know_is_a_problem(server: Server) -> None:
    said: list[str] = []
    collection = {"item": [request("GET", "coSpaces"), request("GET", "spaceships")]}
    assert run_collection(server, collection, said.append) == 1
    assert said[-2:] == ["Problem: GET spaceships: 400 unrecognizedObject", "1 of 2"]


def test_a_value_that_is_not_kept_is_a_problem(server: Forgetful) -> None:
    server.forgotten = "name"
    said: list[str] = []
    assert run_collection(server, spaces(optional("name", "String")), said.append) == 1
    assert any("Problem: POST coSpaces: name reads ''" in line for line in said)
    assert said[-1] == "3 of 5"


def test_an_object_that_is_still_there_is_a_problem(server: Forgetful) -> None:
    server.undone = "DELETE"
    said: list[str] = []
    assert run_collection(server, spaces(), said.append) == 1
    deletion = "Problem: DELETE coSpaces/{{coSpaceID}}"
    assert said[-3:] == [
        f"{deletion}: a GET of it answers 200", f"{deletion}: it is still in the list", "4 of 5"
    ]


def test_a_creation_without_a_location_is_a_problem(server: Forgetful) -> None:
    server.undone = "POST"
    said: list[str] = []
    assert run_collection(server, spaces(), said.append) == 1
    assert "Problem: POST coSpaces: the Location is ''" in said


def test_the_command_starts_a_pod_or_asks_a_cms(
    tmp_path: Path, pod: Pod, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "collection.json"
    file.write_text(json.dumps(spaces(optional("uri", "URI user part"))), encoding="utf-8")
    assert command.main([str(file)]) == 0
    url = pod.cms_url.removesuffix("/api/v1")
    login = ["--user", pod.username, "--password", pod.password, "--ca", str(pod.ca_file)]
    assert command.main([str(file), "--url", url, *login]) == 0
    assert capsys.readouterr().out.count("5 of 5") == 2


def test_a_collection_of_all_nodes_is_answered(server: Server) -> None:
    requests = [each for node in NODES for each in requests_of(node)]
    said: list[str] = []
    status = run_collection(server, {"item": requests}, said.append)
    assert [line for line in said if line.startswith(("Problem", "Refused: POST"))] == []
    assert status == 0


def requests_of(node: Node) -> Iterator[dict[str, Any]]:
    """Yield a request for each method of a node."""
    place = path_of(node)
    one = place if node.single else f"{place}/{variable(node)}"
    known: dict[str, Callable[[], dict[str, Any]]] = {
        "list": lambda: request("GET", place),
        "create": lambda: request("POST", place, *form_of(node, "POST")),
        "read": lambda: request("GET", one),
        "modify": lambda: request("PUT", one, *form_of(node, "PUT")),
        "delete": lambda: request("DELETE", one),
    }
    return (known[method]() for method in node.methods)


def form_of(node: Node, method: str) -> Iterator[dict[str, Any]]:
    """Yield what a method sets, with a text that stands for the kind of each."""
    for each in node.parameters:
        if each.kept and each.only in ("", method):
            disabled = not each.required
            yield {"key": each.name, "value": placeholder(each), "disabled": disabled}


def placeholder(parameter: Parameter) -> str:
    if parameter.refers_to:
        return variable(BY_PATH[parameter.refers_to])
    if parameter.words:
        return ",".join(parameter.words)
    return next((kind for value, kind in KINDS.items() if takes(parameter, value)), "String")


def takes(parameter: Parameter, value: str) -> bool:
    try:
        parameter.check(value)
    except ValueError:
        return False
    return True


def variable(node: Node) -> str:
    """Return what stands for the ID of an object of a node."""
    return f"{{{{{node.element}ID}}}}"


def path_of(node: Node) -> str:
    """Return the path of a node, with the variable of the node above for the asterisk."""
    above = node.path.rpartition("/*/")[0]
    return node.path.replace("*", variable(BY_PATH[above])) if above else node.path
