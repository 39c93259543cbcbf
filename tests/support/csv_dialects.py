"""CSV as programs write it, each in its own way."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st


class Dialect(NamedTuple):
    """How a program writes CSV."""

    delimiter: str
    line_end: str
    bom: bool
    quotes_all: bool
    ends_last_line: bool

    def file(self, rows: Sequence[Sequence[str]]) -> bytes:
        """Return the file with these rows."""
        text = self.text(rows)
        whole = text if self.ends_last_line else text.removesuffix(self.line_end)
        return whole.encode("utf-8-sig" if self.bom else "utf-8")

    def text(self, rows: Sequence[Sequence[str]]) -> str:
        """Return the lines of these rows."""
        lines = (self.delimiter.join(map(self._cell, row)) for row in rows)
        return "".join(f"{line}{self.line_end}" for line in lines)

    def _cell(self, cell: str) -> str:
        needed = any(character in cell for character in f'"\r\n{self.delimiter}')
        doubled = cell.replace('"', '""')
        return f'"{doubled}"' if needed or self.quotes_all else cell


DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(("\r\n", "\n", "\r")),
    bom=st.booleans(),
    quotes_all=st.booleans(),
    ends_last_line=st.booleans(),
)
