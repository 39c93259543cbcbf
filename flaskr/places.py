"""Where a server is: a host and a port, or several of them, where several do the same work."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

# IPv6 addresses have colons of their own, so one with a port stands in brackets.
_WITH_PORT = re.compile(
    r"(?:\[(?P<address>[^\[\]]*:[^\[\]]*)\]|(?P<name>[^\[\]:]+)):(?P<port>[0-9]{1,5})"
)


class Place(NamedTuple):
    """Where a server is. As text it is `cms.example.com:443`, or `[::1]:443`."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class PlaceTwice(ValueError):
    """A place is named twice; `place` is which."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"{place} is named twice")
        self.place = place


class Root(NamedTuple):
    """Where an API begins: as text, `https://webexapis.com:443/v1`."""

    place: Place
    path: str

    def __str__(self) -> str:
        return f"https://{self.place}{self.path}"


def root_of(url: str) -> Root:
    """Return where an API is that begins at an address. Raises ValueError for any but HTTPS."""
    parts = urlsplit(url)
    port = 443 if parts.port is None else parts.port
    has_more = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "https" or not parts.hostname or not port or has_more:
        raise ValueError("it is no address that begins with https://")
    return Root(Place(parts.hostname, port), parts.path.rstrip("/"))


def host_and_port(text: str) -> tuple[str, str]:
    """Return the host and the port that a text names; without a port, the second is empty."""
    found = _WITH_PORT.fullmatch(text)
    return (found["address"] or found["name"], found["port"]) if found else (text, "")


def places_of(names: str | Sequence[str], port: int) -> tuple[Place, ...]:
    """Return the places that a text names, with commas between, or a sequence of texts.

    `port` is that of those that name none. Raises PlaceTwice.
    """
    texts = names.split(",") if isinstance(names, str) else names
    places: dict[tuple[str, int], Place] = {}
    for text in texts:
        host, own_port = host_and_port(text.strip())
        place = Place(host, int(own_port or port))
        if places.setdefault((host.lower().rstrip("."), place.port), place) is not place:
            raise PlaceTwice(place)
    return tuple(places.values())
