"""What is to hold, step by step: a table of sentences, and how each is tried.

The Spaces that steps 3 to 6 look for are found by any search that finds something: named and
spelled as the user ID, on the first page. So what is wrong with the search fails step 2 alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from flaskr.cms.v1.cms import CMS
from flaskr.exercise.bench import (
    Bench,
    NotYet,
    Values,
    answered,
    expect,
    expect_failure,
    expect_success,
    shown,
)
from flaskr.exercise.written import RAISED, told

WANTED, OTHER = "c0ffee00-0000-4000-8000-000000000001", "c0ffee00-0000-4000-8000-000000000002"
# A user whom no other Space has in it; one whom many have; and what UDS says of one.
ALONE, AMONG_MANY = "yuki", "lee"
NEW, NEW_PHONE, NEW_NAME = "pod6user1", "+14085550101", "Pod6 User1"
NOBODY = "nobody.at.all"
FEW = 3  # Spaces on a page


class Check(NamedTuple):
    """Something that is to hold: the step of the guide, a sentence, and what raises NotYet."""

    step: int
    sentence: str
    try_it: Callable[[Bench], None]

    def __str__(self) -> str:
        return f"step {self.step}: {self.sentence}"


def reason_of(check: Check, bench: Bench) -> str:
    """Return why a check does not hold, or nothing where it does; the pod is as at its start."""
    bench.pod.reset()
    try:
        check.try_it(bench)
    except NotYet as error:
        return str(error)
    except RAISED as error:
        return told_of(bench, error)
    return ""


def told_of(bench: Bench, error: BaseException) -> str:
    """Return what the reader's file has raised."""
    return told(Path(str(bench.module.__file__)), error)


def _has_cms(bench: Bench) -> None:
    expect(hasattr(bench.module, "myCMS"), "the file has no myCMS")
    made = bench.module.myCMS
    expect(isinstance(made, CMS), f"it is {shown(made)}")


def _answers_version(bench: Bench) -> None:
    version = "3.9 of the lab"
    bench.pod.switches.update({"software_version": version})
    document = bench.send("GET", "version")
    expect(document == version, answered(document))


def _matches(uri: str, spaces: tuple[Values, ...], bench: Bench) -> None:
    """Try whether a Space is found among others, and nothing among the others alone."""
    others = [{"@id": OTHER, "name": "Front desk", "uri": "reception"}, *spaces[:-1]]
    for space_list, expected in (([*others, spaces[-1]], WANTED), (others, None)):
        found = bench.call("match_space_uri", [dict(each) for each in space_list], uri)
        said = "the ID of another Space" if found == OTHER else shown(found)
        expect((found or None) == expected, f"it returned {said}")


def _finds_id(bench: Bench) -> None:
    expected = bench.space(name=ALONE, uri=ALONE)
    _expect_id(bench, ALONE, expected)


def _asks_with_filter(bench: Bench) -> None:
    bench.call("get_coSpace_id", ALONE)
    asked = bench.filters()
    expect(asked, "it did not ask for coSpaces")
    expect(all(asked), "it asked for coSpaces without a filter")


def _looks_at_all_pages(bench: Bench) -> None:
    """Try to find a Space on the second page, and on the last one."""
    bench.pod.switches.update({"page_cap": FEW})
    expected = bench.space(name="Middle", uri=NEW)
    for name in ("Middle", "zzz"):
        bench.pod.spaces.modify(expected, {"name": name})
        _expect_id(bench, NEW, expected)


def _expect_id(bench: Bench, userid: str, expected: str) -> None:
    found = bench.call("get_coSpace_id", userid)
    expect(isinstance(found, dict), f"it returned {shown(found)}")
    right = found.get("success") is True and found.get("response") == expected
    expect(right, f"it returned {shown(found)}, and the ID is {expected}")


def _finds_nobody(bench: Bench) -> None:
    bench.pod.switches.update({"page_cap": FEW})
    for userid in (AMONG_MANY, NOBODY):
        expect_failure(bench.call("get_coSpace_id", userid))


def _hands_on_failed_search(bench: Bench) -> None:
    none_found = expect_failure(bench.call("get_coSpace_id", NOBODY))
    bench.fail("GET")
    failed = expect_failure(bench.call("get_coSpace_id", NOBODY))
    expect(failed != none_found, "it said the same as where there is no Space")


def _retrieves(bench: Bench) -> None:
    bench.space(name=ALONE, uri=ALONE, defaultLayout="stacked")
    document = bench.send("GET", f"spaces/{ALONE}")
    expect_success(document)
    said = document.get("response")
    said = said.get("coSpace", said) if isinstance(said, dict) else said
    values = said if isinstance(said, dict) else {}
    has_all = (values.get("name"), values.get("defaultLayout")) == (ALONE, "stacked")
    expect(has_all, f"name and defaultLayout are not in the response {shown(said)}")


def _creates(name: str, expected: str, bench: Bench) -> None:
    """Try what a new Space has as a value."""
    value = _created(bench).get(name)
    expect(value == expected, f"the new Space has the {name} {shown(value)}")


def _names(bench: Bench) -> None:
    name = _created(bench).get("name", "")
    expect(NEW_NAME in name, f"the new Space has the name {shown(name)}")


def _answers_new_id(bench: Bench) -> None:
    before = set(bench.spaces())
    document = bench.send("POST", f"spaces/{NEW}")
    expect_success(document)
    created = _new_one(bench, before, document)
    said = f"{document.get('message')} {document.get('response')}"
    expect(created in said, f"it answered {shown(document)}, and the ID is {created}")


def _created(bench: Bench) -> Values:
    """Create the Space of a user, and return its values."""
    before = set(bench.spaces())
    document = bench.send("POST", f"spaces/{NEW}")
    return bench.spaces()[_new_one(bench, before, document)]


def _new_one(bench: Bench, before: set[str], document: Any) -> str:
    new = set(bench.spaces()) - before
    expect(len(new) == 1, f"{len(new)} Spaces were created; {answered(document)}")
    return new.pop()


def _fails(method: str, userid: str, bench: Bench, **form: str) -> None:
    """Try whether a request is answered with why it failed, and nothing is changed."""
    before = bench.spaces()
    expect_failure(bench.send(method, f"spaces/{userid}", **form))
    expect(bench.spaces() == before, "it has changed something all the same")


def _hands_on_failed_directory(bench: Bench) -> None:
    bench.fail("GET", "uds")
    _fails("POST", NEW, bench)


def _hands_on_refused_creation(bench: Bench) -> None:
    bench.space(name="Not a personal Space", uri=NEW)
    _fails("POST", NEW, bench)


def _modifies(bench: Bench) -> None:
    changes = {"name": "New Space", "defaultLayout": "allEqual"}
    space_id = bench.space(name=ALONE, uri=ALONE, defaultLayout="stacked")
    expect_success(bench.send("PUT", f"spaces/{ALONE}", **changes))
    values = bench.spaces()[space_id]
    now = {name: values.get(name) for name in changes}
    expect(now == changes, f"the Space has {shown(now)}")


def _leaves_the_rest(bench: Bench) -> None:
    kept = {
        "uri": ALONE, "secondaryUri": "6105", "passcode": "13579", "defaultLayout": "stacked",
        "callId": "135790",
    }
    space_id = bench.space(name=ALONE, **kept)
    before = bench.spaces()[space_id]
    expect_success(bench.send("PUT", f"spaces/{ALONE}", name="New Space"))
    after = bench.spaces()[space_id]
    changed = sorted(name for name in before if after.get(name) != before[name])
    expect("name" in changed, "the name was not changed")
    expect(changed == ["name"], f"it has changed {', '.join(changed)}")


def _hands_on(method: str, bench: Bench, **form: str) -> None:
    """Try whether what CMS says of a change that failed is answered."""
    bench.space(name=ALONE, uri=ALONE)
    bench.fail(method)
    _fails(method, ALONE, bench, **form)


def _deletes(bench: Bench) -> None:
    space_id = bench.space(name=ALONE, uri=ALONE)
    expect_success(bench.send("DELETE", f"spaces/{ALONE}"))
    expect(space_id not in bench.spaces(), "the Space is still there")


def _deletes_no_other(bench: Bench) -> None:
    """Try to delete a Space before which CMS lists another one for the user ID, and once more."""
    other = bench.space(name=f"For {ALONE}", uri="front.desk")
    bench.space(name=ALONE, uri=ALONE)
    for expect_done in (expect_success, expect_failure):
        document = bench.send("DELETE", f"spaces/{ALONE}")
        expect(other in bench.spaces(), "it has deleted another one")
        expect_done(document)


def _match(sentence: str, uri: str, *spaces: Values) -> Check:
    """Return a check of match_space_uri, by which the last of the Spaces is to be found."""
    *others, wanted = spaces
    listed = (*({"@id": OTHER, **each} for each in others), {"@id": WANTED, **wanted})
    return Check(2, f"match_space_uri {sentence}", partial(_matches, uri, listed))


NO_SPACE = "says so where the user has no Space"
CHECKS: tuple[Check, ...] = (
    Check(1, "myCMS is a CMS", _has_cms),
    Check(1, "GET /cms/version answers the version, and nothing else", _answers_version),
    _match("finds by uri", "kim", {"uri": "kim", "secondaryUri": "6200"}),
    _match("finds by secondaryUri", "kim", {"uri": "k.lee", "secondaryUri": "kim"}),
    _match("does not go by the name", "kim", {"name": "kim", "uri": "sales"}, {"uri": "kim"}),
    _match("takes capital letters for small ones", "Kim", {"uri": "kim"}),
    _match(
        "takes no part of a URI for the whole", "kim",
        {"uri": "kim.backup"}, {"uri": "rack", "secondaryUri": "rack.kim"}, {"uri": "kim"},
    ),
    _match("passes over Spaces without URIs", "kim", {"name": "Interviews"}, {"uri": "kim"}),
    Check(2, "get_coSpace_id returns the ID of the user's Space", _finds_id),
    Check(2, "get_coSpace_id asks with a filter", _asks_with_filter),
    Check(2, "get_coSpace_id looks at all pages", _looks_at_all_pages),
    Check(2, f"get_coSpace_id {NO_SPACE}", _finds_nobody),
    Check(2, "get_coSpace_id says so where CMS fails", _hands_on_failed_search),
    Check(3, "GET retrieves the Space, with name and defaultLayout", _retrieves),
    Check(3, f"GET {NO_SPACE}", partial(_fails, "GET", NOBODY)),
    Check(4, "POST creates a Space with the user ID as its uri",
          partial(_creates, "uri", NEW)),
    Check(4, "POST takes the telephone number in CUCM as secondaryUri",
          partial(_creates, "secondaryUri", NEW_PHONE)),
    Check(4, "POST makes the name of the display name in CUCM", _names),
    Check(4, "POST answers the ID of the new Space", _answers_new_id),
    Check(4, "POST creates no Space where CUCM has no such user", partial(_fails, "POST", NOBODY)),
    Check(4, "POST creates no Space where CUCM fails", _hands_on_failed_directory),
    Check(4, "POST says so where CMS refuses", _hands_on_refused_creation),
    Check(5, "PUT modifies name and defaultLayout", _modifies),
    Check(5, "PUT leaves what was not sent as it is", _leaves_the_rest),
    Check(5, f"PUT {NO_SPACE}", partial(_fails, "PUT", NOBODY, name="New Space")),
    Check(5, "PUT says so where CMS fails", partial(_hands_on, "PUT", name="New Space")),
    Check(6, "DELETE deletes the Space", _deletes),
    Check(6, "DELETE deletes no other Space", _deletes_no_other),
    Check(6, f"DELETE {NO_SPACE}", partial(_fails, "DELETE", NOBODY)),
    Check(6, "DELETE says so where CMS fails", partial(_hands_on, "DELETE")),
)
