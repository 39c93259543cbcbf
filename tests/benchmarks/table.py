"""The lines of the benchmark's table."""

from typing import NamedTuple


class Row(NamedTuple):
    """A line of the table; `ratio` is what the target speaks of."""

    what: str
    yardstick: str
    portal: str
    ratio: str
    target: str


def show(row: Row) -> None:
    """Print a line."""
    what, *numbers = row
    print(f"{what:<44}" + "".join(f"{number:>14}" for number in numbers).rstrip(), flush=True)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
