"""The XML of a UDS, written as text: a page can hold 500 users of 17 elements each."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from flaskr.pod.company import USER_FIELDS, Employee, directory_id
from flaskr.pod.xml import UDS_DECLARATION, element, escaped

# The release of the interface, which every answer carries as its attribute `version`.
SCHEMA = "10.0.0"
_ELEMENTS = "".join(f"<{name}>%s</{name}>" for name in ("id", *USER_FIELDS))
# No value holds it, as XML can't.
_BETWEEN = "\0"


def user_place(base_url: str, user: Employee) -> str:
    """Return the URI of a user, in which nothing is left for XML to escape."""
    return f"{base_url}/user/{quote(user['userName'], safe='')}"


def user_element(base_url: str, user: Employee) -> str:
    """Return the element of one user, as the root of a document."""
    attributes = {"uri": user_place(base_url, user), "version": SCHEMA}
    return element("user", attributes, *_contents([user]))


def user_elements(base_url: str, users: Sequence[Employee]) -> str:
    """Return the elements of several users."""
    return "".join([
        f'<user uri="{user_place(base_url, user)}">{content}</user>'
        for user, content in zip(users, _contents(users))
    ])


def _contents(users: Sequence[Employee]) -> list[str]:
    """Return the fields of each user as elements, empty ones where nothing is known."""
    values = _BETWEEN.join([user.get(name, "") for user in users for name in USER_FIELDS])
    written, width = escaped(values).split(_BETWEEN), len(USER_FIELDS)
    return [
        _ELEMENTS % (directory_id(user["userName"]), *written[place:place + width])
        for user, place in zip(users, range(0, len(written), width))
    ]


def whole_document(root: str) -> bytes:
    """Return the document with that element as its root."""
    return (UDS_DECLARATION + root).encode()
