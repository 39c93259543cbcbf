"""Lists of users, each with arguments for the own Space, as CSV or JSON.

What is wrong with one of them leaves the others as they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from flaskr.fields import BadValue, Fields, SettableField, checked
from flaskr.provisioning.cells import NONE, boolean_of, spoilt, value_of
from flaskr.provisioning.rows import MOST_ROWS
from flaskr.provisioning.spreadsheet import Row, Sheet, read_table
from flaskr.provisioning.template import check_userid
from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key, is_blank, printable

USERID = "userid"
_WITHOUT_HEADER = "A file without a header is one user ID a line, and nothing else."
_BETWEEN_WORDS = str.maketrans("", "", " \u00a0_-")


class ListedUser(NamedTuple):
    """A user of a list, with the arguments that are given: `""` is one that is given empty.

    `where` is where the user stands, such as `line 7` or `item 3`.
    """

    userid: str
    arguments: dict[str, str]
    where: str


class BadRow(NamedTuple):
    """What is wrong with a line or an item of a list.

    `column` is the column or argument that it is about, `""` where it is about all of it. `wrong`
    is a sentence about that, or the rest of one. `userid` is `""` where it is not known.
    """

    where: str
    column: str
    wrong: str
    userid: str

    @property
    def message(self) -> str:
        """All of it in words, such as `line 7, callId: takes digits only.`"""
        place = f"{self.where}, {self.column}" if self.column else self.where
        return f"{place}: {self.wrong}"


class UserList(NamedTuple):
    """The users of a list, and what is wrong with others, both in its order."""

    listed: list[ListedUser]
    bad: list[BadRow]


class _Refused(Exception):
    """Something is wrong with an argument of a user, or with all that is said of one."""

    def __init__(self, column: str, wrong: str) -> None:
        super().__init__(wrong)
        self.column = column
        self.wrong = wrong


def read_csv(data: bytes, fields: Fields) -> UserList:
    """Return the users of a CSV file: a column `userid`, the others named as the fields.

    A blank cell gives nothing, `none` gives an empty value. A file of one column needs no header:
    where its first line can be a user ID, and names nothing that is known here, it has a user ID a
    line. Raises Failure for a file that is no table, has no user IDs, or a column that is unknown.
    """
    sheet = read_table(data)
    if _has_no_header(sheet, fields):
        [column] = sheet.columns
        rows: Iterator[Row] = chain([Row(sheet.line, {column: column})], sheet.rows)
        names = {column: USERID}
    else:
        rows, names = sheet.rows, _names(sheet, fields)
    return _without_doubles(
        _entry(f"line {row.line}", _values_of_row(row, names, fields)) for row in rows
    )


def read_json(document: Any, fields: Fields) -> UserList:
    """Return the users of a list in JSON, which has been parsed.

    Its items are user IDs, or objects: `userid`, and arguments by the names of the fields. Raises
    Failure where it is no list.
    """
    if not isinstance(document, list):
        example = '["pod6user1", {"userid": "pod6user2", "name": "Sales"}]'
        raise Failure(Reason.BAD_PARAMETER, f"The users are no list such as {example}.")
    return _without_doubles(
        _entry(f"item {number}", _values_of_item(item, fields))
        for number, item in enumerate(document, 1)
    )


def split(text: str) -> list[str]:
    """Return the user IDs in a text: one a line, or with commas or semicolons between them."""
    return [each.strip() for each in re.split(r"[\r\n,;]", text) if each.strip()]


def with_zeros(known: Iterable[str]) -> dict[str, str]:
    """Return the numbers that begin with zeros, by what a spreadsheet makes of them."""
    return {
        each.lstrip("0") or "0": each
        for each in reversed(list(known))
        if each.startswith("0") and each != "0" and each.isascii() and each.isdecimal()
    }


def _has_no_header(sheet: Sheet, fields: Fields) -> bool:
    """Return whether a file is nothing but user IDs, from its first line on."""
    first = sheet.columns[0]
    names_something = USERID in _as_one_word(first) or _name(first, fields)
    return len(sheet.columns) == 1 and not names_something and _looks_like_userid(first)


def _looks_like_userid(text: str) -> bool:
    """Return whether a text can be a user ID, and is no title of a list."""
    try:
        check_userid(text)
    except Failure:
        return False
    return not any(map(str.isspace, text))


def _names(sheet: Sheet, fields: Fields) -> dict[str, str]:
    """Return what each column is: USERID, or the name of a field. Raises Failure."""
    names = {column: _name(column, fields) for column in sheet.columns}
    userids = [column for column, name in names.items() if name == USERID]
    unknown = [printable(column) for column, name in names.items() if not name]
    if not userids:
        raise _bad_header(sheet, f"There is no column {USERID}. {_WITHOUT_HEADER}", fields)
    if len(userids) > 1:
        raise _bad_header(sheet, f"Only one column has user IDs, not {_quoted(userids)}.", fields)
    if unknown:
        raise _bad_header(sheet, f"There is no argument {_quoted(unknown)}.", fields)
    return names


def _name(column: str, fields: Fields) -> str:
    """Return USERID, the name of the field that a column is for, or `""`."""
    if _as_one_word(column) == USERID:
        return USERID
    wanted = comparison_key(column)
    return next((name for name in fields if comparison_key(name) == wanted), "")


def _as_one_word(column: str) -> str:
    return column.translate(_BETWEEN_WORDS).lower()


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _bad_header(sheet: Sheet, wrong: str, fields: Fields) -> Failure:
    there_are = f"The columns can be: {', '.join((USERID, *fields))}."
    return Failure(Reason.BAD_PARAMETER, f"Line {sheet.line}: {wrong} {there_are}")


def _without_doubles(entries: Iterable[ListedUser | BadRow]) -> UserList:
    """Return the users and what is bad, where a user who stands in the list already is bad."""
    found = UserList([], [])
    places: dict[str, str] = {}
    for entry in entries:
        if len(found.listed) + len(found.bad) == MOST_ROWS:
            message = f"The list has more than {MOST_ROWS} users."
            raise Failure(Reason.BAD_PARAMETER, message)
        first = places.setdefault(comparison_key(entry.userid), entry.where)
        if isinstance(entry, BadRow):
            found.bad.append(entry)
        elif first == entry.where:
            found.listed.append(entry)
        else:
            wrong = f'"{printable(entry.userid)}" stands in {first} already.'
            found.bad.append(BadRow(entry.where, USERID, wrong, entry.userid))
    return found


def _entry(where: str, values: Iterator[tuple[str, str]]) -> ListedUser | BadRow:
    """Return what stands somewhere. The first of the values is the user ID."""
    found: dict[str, str] = {}
    try:
        for name, value in values:
            found[name] = value
    except _Refused as refused:
        return BadRow(where, refused.column, refused.wrong, found.get(USERID, ""))
    return ListedUser(found.pop(USERID), found, where)


def _values_of_row(
    row: Row, names: Mapping[str, str], fields: Fields
) -> Iterator[tuple[str, str]]:
    """Yield the user ID of a row, and the arguments that it gives. Raises _Refused."""
    cells = {names[column]: cell for column, cell in row.cells.items()}
    userid = cells.pop(USERID)
    refused = _Refused(names.get(row.column, ""), row.wrong)
    if row.wrong and is_blank(userid):
        raise refused
    yield USERID, _checked_userid(_value(USERID, userid) or "")
    if row.wrong:
        raise refused
    for name, cell in cells.items():
        value = _value(name, cell)
        if value is not None:
            yield name, _of_cell(fields[name], value)


def _value(name: str, cell: str) -> str | None:
    wrong = spoilt(cell)
    if wrong:
        raise _Refused(name, f"{printable(cell)} {wrong}")
    return value_of(cell)


def _of_cell(field: SettableField, value: str) -> str:
    if value and is_blank(value):
        raise _Refused(field.name, f"has nothing but blanks. To unset it, write {NONE}.")
    return _checked(field, boolean_of(value) if bool in field.json_types else value)


def _values_of_item(item: Any, fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield the user ID of an item, and the arguments that it gives. Raises _Refused."""
    if not isinstance(item, str | Mapping):
        raise _Refused("", f'is neither a user ID nor an object with a "{USERID}".')
    values = {USERID: item} if isinstance(item, str) else dict(item)
    userid = values.pop(USERID, "")
    if not isinstance(userid, str):
        raise _Refused(USERID, "is no text.")
    yield USERID, _checked_userid(userid)
    for name, value in values.items():
        if name not in fields:
            raise _Refused(printable(name), f"is no argument. There are: {', '.join(fields)}.")
        yield name, _checked(fields[name], value)


def _checked_userid(value: str) -> str:
    userid = value.strip()
    if not userid:
        raise _Refused(USERID, "is blank.")
    try:
        check_userid(userid)
    except Failure as failure:
        raise _Refused(USERID, failure.message) from None
    return userid


def _checked(field: SettableField, value: Any) -> str:
    try:
        return checked(field, value)
    except BadValue as bad:
        raise _Refused(field.name, bad.wrong) from None
