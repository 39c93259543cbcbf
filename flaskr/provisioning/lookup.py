"""Where the Space with a URI is: remembered, or looked for. All of it raises Failure.

Whatever names a Space's ID is believed only once the Space itself, read by it, has the URI.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.spaces import URI_FIELDS, has_uri
from flaskr.provisioning.personal import has_uri_of
from flaskr.rest.v1.formats import find
from flaskr.rest.v1.ids import is_id
from flaskr.rest.v1.paging import Entry, Hint, Wanted
from flaskr.result import Failure, Outcome, Reason
from flaskr.spelling import comparison_key, longest_ascii_piece

URI_USAGE = "uriUsageQuery"
MOST_NAMED = 3  # of the IDs in its answer, how many are tried
_DOES_NOT_KNOW = (Reason.NOT_SUPPORTED, Reason.UNEXPECTED_STATUS)  # such as a 404
_OTHERS = ("user", "ivr")  # what else it names: the elements begin with this


class FoundSpace(NamedTuple):
    """A Space that was found: its ID, and CMS's answer about it where it was read for that."""

    id: str
    answer: Outcome | None = None

    def read(self, cms: CMS) -> Outcome:
        """Return CMS's answer about it, which is asked unless it was read already."""
        return self.answer or cms.request(space_path(self.id))


def find_by_uri(cms: CMS, uri: str, tenant: str = "") -> FoundSpace | None:
    """Return the Space that has this uri, or else this secondaryUri, or None.

    The one that was found before takes one call, as long as it has the URI. `tenant` is the ID of
    the one that Spaces are usually in.
    """
    found = _remembered(cms, uri) or search_by_uri(cms, uri, tenant)
    if found:
        remember(cms, uri, found.id)
    return found


def search_by_uri(cms: CMS, uri: str, tenant: str = "") -> FoundSpace | None:
    """Return the Space as `find_by_uri` does, whatever is remembered.

    CMS can only filter by text, so every page of what matches is searched. Beside the second page
    it is asked for the usage of the URI: where that names the Space, it was read, too.

    Nobody documents how CMS keeps and filters letters outside ASCII. So where the whole uri finds
    none, the list of all that have its longest piece in ASCII is searched, which always has it.
    """
    by_uri, *by_others = (partial(has_uri, uri=uri, name=name) for name in URI_FIELDS)
    read: dict[str, Outcome] = {}
    hint = partial(_named_by_usage, cms, uri, tenant, read)
    whole, piece = comparison_key(uri), longest_ascii_piece(uri)
    space = _search_among(cms, whole, hint, by_uri) if whole != piece else None
    space = space or _search_among(cms, piece, hint, by_uri, *by_others)
    if space is None:
        return None
    space_id = _id(cms, space)
    return FoundSpace(space_id, read.get(space_id))


def remember(cms: CMS, uri: str, space_id: str) -> None:
    """Remember the ID of the Space that has this URI."""
    cms.known_spaces.remember(comparison_key(uri), space_id)


def forget(cms: CMS, uri: str, space_id: str) -> None:
    """Forget that the Space has this URI."""
    cms.known_spaces.forget(comparison_key(uri), space_id)


def ids_by_usage(cms: CMS, uri: str, tenant: str = "") -> Iterator[str]:
    """Return the IDs of what uses a URI in a tenant, but for those of users and IVRs.

    A CMS that doesn't know the question (uriUsageQuery) is asked once. Raises Failure.
    """
    asked = {"uri": comparison_key(uri), **({"tenant": tenant} if tenant else {})}
    try:
        return _ids_in(cms.request(URI_USAGE, payload=asked, http_method="POST").response)
    except Failure as failure:
        if failure.reason in _DOES_NOT_KNOW:
            cms.unknown_nodes.add(URI_USAGE)
        raise


def read_space(cms: CMS, space_id: str) -> dict[str, Any]:
    """Return all that CMS says of a Space, its ID included."""
    return space_in(cms.request(space_path(space_id)), space_id)


def space_in(answer: Outcome, space_id: str) -> dict[str, Any]:
    """Return the Space that CMS's answer is about, its ID included."""
    space = find(answer.response, "coSpace")
    return {"@id": space_id, **(space if isinstance(space, dict) else {})}


def space_path(space_id: str) -> str:
    """Return where a Space is in the API."""
    return f"coSpaces/{space_id}"


def _remembered(cms: CMS, uri: str) -> FoundSpace | None:
    """Return the Space that was found by the URI before, where it still has it."""
    space_id = cms.known_spaces.get(comparison_key(uri))
    if space_id is None:
        return None
    try:
        answer = cms.request(space_path(space_id))
    except Failure as failure:
        if failure.reason is not Reason.NO_SPACE:
            raise
    else:
        if has_uri_of(space_in(answer, space_id), uri):
            return FoundSpace(space_id, answer)
    forget(cms, uri, space_id)
    return None


def _search_among(cms: CMS, text: str, hint: Hint, *wanted: Wanted) -> Entry | None:
    """Return the Space that is wanted, of those with a text, or None.

    The text is in lower case, as CMS keeps URIs; nobody documents whether the filter minds.
    """
    known = None if URI_USAGE in cms.unknown_nodes else hint
    return cms.search("coSpaces", {"filter": text} if text else {}, *wanted, hint=known)


def _named_by_usage(
    cms: CMS, uri: str, tenant: str, read: dict[str, Outcome]
) -> list[Entry]:
    """Return the Space with this uri, where CMS's uriUsageQuery names it; `read` gets the answer.

    Nobody documents by which element it does, so every ID in it is tried. Without it, or a tenant,
    the list tells all the same: no failure is one of the look-up.
    """
    with suppress(Failure):
        for space_id in islice(ids_by_usage(cms, uri, tenant), MOST_NAMED):
            answer = cms.request(space_path(space_id))
            space = space_in(answer, space_id)
            if has_uri(space, uri):
                read[space["@id"]] = answer
                return [space]
    return []


def _ids_in(said: Any) -> Iterator[str]:
    """Yield the IDs in an answer, but for those of users and IVRs."""
    if isinstance(said, Mapping):
        named = [each for name, each in said.items() if not name.lower().startswith(_OTHERS)]
        yield from _ids_in(named)
    elif isinstance(said, list):
        for each in said:
            yield from _ids_in(each)
    elif is_id(said):
        yield said


def _id(cms: CMS, space: Entry) -> str:
    space_id = str(space["@id"])
    if is_id(space_id):
        return space_id
    found = f"{cms.title_and_address}: found {space_id[:100]}. But that is not the ID of a Space."
    raise Failure(Reason.UNREADABLE, found, server=cms.server)
