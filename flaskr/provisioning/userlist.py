from typing import NamedTuple
from flaskr.fields import Values
from collections.abc import Iterable
class Listed(NamedTuple):
    userid: str
    arguments: Values
    where: str
class BadRow(NamedTuple):
    where: str
    column: str
    wrong: str
    userid: str
def lost_zeros(given: str, known: Iterable[str]) -> str | None:
    return None
