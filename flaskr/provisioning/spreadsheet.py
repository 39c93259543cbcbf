"""Tables as spreadsheets and people write them: CSV in, CSV out.

CSV is what RFC 4180 says, and what Excel makes of it: a byte order mark, another delimiter, blank
rows and columns. What a cell means is for others to say: flaskr.provisioning.cells.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, TextIOWrapper
from itertools import chain
from typing import NamedTuple

from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key, is_blank, is_blank_character, printable

DELIMITERS = (",", ";", "\t")
MOST_CHARACTERS = 100_000  # in a row; Excel has at most 32,767 in a cell
_CHECKED_AT_ONCE = 1 << 16  # bytes

_REMEDY = 'In the spreadsheet, save it as "CSV UTF-8", or export it as CSV with Unicode (UTF-8).'
# How files begin that are thought to be CSV.
_OTHER_FILES = {
    BOM_UTF16_LE: 'in UTF-16 ("Unicode Text")',
    BOM_UTF16_BE: 'in UTF-16 ("Unicode Text")',
    b"PK\x03\x04": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
}
_DELIMITER_LINE = re.compile(r'"?sep=([^\w"\r\n])"?\s*', re.IGNORECASE)  # Excel's own
_QUOTED = re.compile(r'"[^"]*"?')
_ANY_DELIMITER = re.compile("|".join(DELIMITERS))
_LINE_ENDS = ("\n", "\r\n", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # but for tab and line ends
_QUOTES_NEEDED = re.compile(r'[,;\t"\r\n]|^\s|\s$')
_TOO_LONG = f"is too long: it has more than {MOST_CHARACTERS} characters."
_NOT_CLOSED = 'has a quote (") that is not closed.'
_BEFORE_QUOTE = 'has a blank before a quote ("), which must stand right behind the delimiter.'
_AFTER_QUOTE = 'has text after a quote ("). A quote in a text is written twice.'
_NOTHING_READ = "Nothing from here on was read."

_Lines = Iterator[tuple[int, str]]


class Row(NamedTuple):
    """A row of a table: its cells by the names of their columns, blank where it has none.

    `line` is the line of the file that it begins in, from 1 on. `wrong` is what is wrong with it,
    as the rest of a sentence about the row or about the `column`; `""` where it is fine.
    """

    line: int
    cells: dict[str, str]
    wrong: str = ""
    column: str = ""


class Sheet(NamedTuple):
    """A table: its columns, the line that names them, and its rows, which can be read once."""

    line: int
    columns: tuple[str, ...]
    rows: Iterator[Row]


class _Record(NamedTuple):
    """The cells that begin in a line, and what is wrong with them, if anything."""

    line: int
    cells: Sequence[str]
    wrong: str = ""
    is_last: bool = False  # because nobody knows where it ends


class _NotClosed(Exception):
    """Quotes go on to the end of the file, or for too long."""


def read_table(data: bytes) -> Sheet:
    """Return the table of a CSV file. Its rows are read one by one, as they are asked for.

    Blank rows are left out. The delimiter is a comma, a semicolon or a tab, as in the header; or
    what Excel's line `sep=` says. Raises Failure where the file is no CSV in UTF-8, has no header,
    or a column twice.
    """
    _check_encoding(data)
    lines: _Lines = enumerate(TextIOWrapper(BytesIO(data), encoding="utf-8-sig", newline=""), 1)
    first = _next_filled(lines)
    named = _DELIMITER_LINE.fullmatch(first[1])
    if named:
        first = _next_filled(lines)
    delimiter = named[1] if named else _delimiter(first[1])
    records = _records(chain([first], lines), delimiter)
    header = next(records)
    names = _names(header)
    columns = tuple(filter(None, names))
    return Sheet(header.line, columns, _rows(names, records))


def write_line(cells: Iterable[str]) -> str:
    """Return a line of a CSV file, with its end. The cells are made by `as_cell`.

    Excel takes a file for UTF-8 where a byte order mark stands before its first line.
    """
    line = ",".join(map(_quoted, cells))
    return f"{line}\r\n" if line else '""\r\n'


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if _QUOTES_NEEDED.search(cell) else cell


def _check_encoding(data: bytes) -> None:
    """Raise Failure for a file that is not in UTF-8."""
    for beginning, what in _OTHER_FILES.items():
        if data.startswith(beginning):
            raise _refusal(f"The file is {what}, and not CSV in UTF-8. {_REMEDY}")
    decoder = getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for place in range(0, len(data), _CHECKED_AT_ONCE):
        begins = place - len(decoder.getstate()[0])
        end = place + _CHECKED_AT_ONCE
        try:
            decoder.decode(view[place:end], final=end >= len(data))
        except UnicodeDecodeError as error:
            line = _line_of(data, begins + error.start)
            raise _refusal(f"Line {line} is not in UTF-8. {_REMEDY}") from None


def _line_of(data: bytes, place: int) -> int:
    ends = data.count(b"\n", 0, place) + data.count(b"\r", 0, place)
    return ends - data.count(b"\r\n", 0, place) + 1


def _next_filled(lines: _Lines) -> tuple[int, str]:
    """Return the next line with anything but delimiters, and its number. Raises Failure."""
    for number, text in lines:
        if len(text) > MOST_CHARACTERS or not is_blank(_ANY_DELIMITER.sub("", text)):
            return number, text
    raise _empty()


def _delimiter(header: str) -> str:
    outside_quotes = _QUOTED.sub("", header)
    return max(DELIMITERS, key=outside_quotes.count)


def _names(header: _Record) -> list[str]:
    """Return the names of the columns, some of which may be blank. Raises Failure."""
    if header.wrong:
        raise _refusal(f"The header in line {header.line} {header.wrong}")
    if _CONTROL.search("".join(header.cells)):
        wrong = f"The header in line {header.line} has a control character."
        raise _refusal(f"{wrong} {_REMEDY}")
    names = list(map(_without_blanks, header.cells))
    known: set[str] = set()
    for name in filter(None, names):
        if comparison_key(name) in known:
            raise _refusal(f'The column "{printable(name)}" stands in line {header.line} twice.')
        known.add(comparison_key(name))
    if not known:
        raise _empty()
    return names


def _without_blanks(name: str) -> str:
    blanks = "".join(filter(is_blank_character, set(name)))
    return name.strip(blanks)


def _rows(names: Sequence[str], records: Iterator[_Record]) -> Iterator[Row]:
    """Yield the rows that are not blank."""
    for record in records:
        if record.wrong or not all(map(is_blank, record.cells)):
            yield _row(names, record)


def _row(names: Sequence[str], record: _Record) -> Row:
    cells = dict.fromkeys(filter(None, names), "")
    row = Row(record.line, cells, record.wrong)
    for place, cell in enumerate(record.cells):
        name = names[place] if place < len(names) else ""
        if name:
            cells[name] = cell
        elif not row.wrong and not is_blank(cell):
            row = row._replace(wrong=_in_no_column(place, cell))
        if not row.wrong and _CONTROL.search(cell):
            row = row._replace(wrong="has a control character.", column=name)
    return row


def _in_no_column(place: int, cell: str) -> str:
    what = f'has "{printable(cell)}" in cell {place + 1}, and no column has a name there.'
    return f"{what} A text with a delimiter in it needs quotes around it."


def _records(lines: _Lines, delimiter: str) -> Iterator[_Record]:
    """Yield the records of the lines, those of delimiters alone too."""
    for number, text in lines:
        if text in _LINE_ENDS:
            continue
        if len(text) > MOST_CHARACTERS:
            record = _too_long(number, text)
        elif '"' in text:
            record = _with_quotes(number, text, lines, delimiter)
        else:
            record = _Record(number, text.rstrip("\r\n").split(delimiter))
        yield record
        if record.is_last:
            return


def _too_long(number: int, text: str) -> _Record:
    if '"' in text:
        return _Record(number, (), f"{_TOO_LONG} {_NOTHING_READ}", is_last=True)
    return _Record(number, (), _TOO_LONG)


def _with_quotes(number: int, text: str, lines: _Lines, delimiter: str) -> _Record:
    """Return the record that begins with a text; it may go on in the next lines."""
    cells, wrong = [], ""
    try:
        for cell, wrong_here in _cells(text, lines, delimiter):
            cells.append(cell)
            wrong = wrong or wrong_here
    except _NotClosed:
        return _Record(number, cells, f"{_NOT_CLOSED} {_NOTHING_READ}", is_last=True)
    return _Record(number, cells, wrong)


def _cells(text: str, lines: _Lines, delimiter: str) -> Iterator[tuple[str, str]]:
    """Yield the cells of a record, and what is wrong with each. Raises _NotClosed."""
    place = -1
    while place < 0 or text.startswith(delimiter, place):
        place += 1
        is_quoted = text.startswith('"', place)
        quoted = ""
        if is_quoted:
            quoted, text, place = _in_quotes(text, place + 1, lines)
        end = _end(text, place, delimiter)
        yield _cell(quoted, text[place:end], is_quoted)
        place = end


def _in_quotes(text: str, place: int, lines: _Lines) -> tuple[str, str, int]:
    """Return what is in quotes, the line where they are closed, and the place behind them."""
    pieces = []
    left = MOST_CHARACTERS
    while (end := _closing_quote(text, place)) < 0:
        pieces.append(text[place:])
        left -= len(text)
        text, place = next(lines, (0, ""))[1], 0
        if not text or left < 0:
            raise _NotClosed
    pieces.append(text[place:end])
    return "".join(pieces).replace('""', '"'), text, end + 1


def _closing_quote(text: str, place: int) -> int:
    """Return where the quotes are closed that are open at a place; -1 for not in this line."""
    while (place := text.find('"', place)) >= 0 and text.startswith('""', place):
        place += 2
    return place


def _end(text: str, place: int, delimiter: str) -> int:
    """Return where a cell without quotes ends."""
    end = text.find(delimiter, place)
    return end if end >= 0 else len(text.rstrip("\r\n"))


def _cell(quoted: str, plain: str, is_quoted: bool) -> tuple[str, str]:
    """Return a cell of what is in quotes and what follows, and what is wrong with it."""
    if not is_quoted:
        return plain, _BEFORE_QUOTE if plain.lstrip().startswith('"') else ""
    if is_blank(plain):
        return quoted, ""
    return quoted + plain, _AFTER_QUOTE


def _refusal(message: str) -> Failure:
    return Failure(Reason.BAD_PARAMETER, message)


def _empty() -> Failure:
    return _refusal("The file is empty. Its first line is the names of the columns.")
