"""Lists of users, as CSV or JSON: who is listed with what, and what is wrong with the others."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.csv_dialects import DIALECTS, Dialect
from support.failures import failure_of
from support.properties import patient

from flaskr.cms.v1.spaces import SETTABLE_FIELDS
from flaskr.fields import SettableField
from flaskr.provisioning.cells import as_cell
from flaskr.provisioning.spreadsheet import write_line
from flaskr.provisioning.userlist import (
    BadRow,
    ListedUser,
    UserList,
    read_csv,
    read_json,
    split,
    with_zeros,
)
from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key, is_blank

PRINTABLE = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd\ufffe\uffff")


def listed(text: str) -> list[ListedUser]:
    """Return the users of a CSV file in which nothing is bad."""
    found = read_csv(text.encode(), SETTABLE_FIELDS)
    assert found.bad == []
    return found.listed


def bad(text: str) -> list[str]:
    """Return what is bad in a CSV file, in words."""
    return [row.message for row in read_csv(text.encode(), SETTABLE_FIELDS).bad]


@pytest.mark.parametrize(
    ("text", "userid", "arguments", "where"),
    [
        ("userid,name\nlee,Lee Ann\n", "lee", {"name": "Lee Ann"}, "line 2"),
        ("NAME;UserID;CALLID\nLee;lee;6201\n", "lee", {"name": "Lee", "callId": "6201"}, "line 2"),
        ("User ID\tname\n\nlee\tLee\n", "lee", {"name": "Lee"}, "line 3"),
        ("user_id,name\nlee,\n", "lee", {}, "line 2"),
        ("user-id,name\n lee , Lee \n", "lee", {"name": " Lee "}, "line 2"),
        ("userid,name,uri\nlee,none, \n", "lee", {"name": ""}, "line 2"),
        ("userid,name\nlee,'none\n", "lee", {"name": "none"}, "line 2"),
        ("userid,secondaryUri\n'0042,'+1408\n", "0042", {"secondaryUri": "+1408"}, "line 2"),
        ("userid,secondaryUri\n0042,+1408\n", "0042", {"secondaryUri": "+1408"}, "line 2"),
        ("userid,uri\nlee, sales \n", "lee", {"uri": "sales"}, "line 2"),
        ("userid,nonMemberAccess\nlee,TRUE\n", "lee", {"nonMemberAccess": "true"}, "line 2"),
        ("userid,nonMemberAccess\nlee,FALSCH\n", "lee", {"nonMemberAccess": "false"}, "line 2"),
        ("userid,nonMemberAccess\nlee,'true\n", "lee", {"nonMemberAccess": "true"}, "line 2"),
        ("userid,name\nlee,TRUE\n", "lee", {"name": "TRUE"}, "line 2"),
        ("userid\nlee\n", "lee", {}, "line 2"),
        ("userid,name\nlee,'4.08E+09\n", "lee", {"name": "4.08E+09"}, "line 2"),
    ],
)
def test_a_user_is_listed_with_the_arguments_that_are_given(
    text: str, userid: str, arguments: dict[str, str], where: str
) -> None:
    assert listed(text) == [ListedUser(userid, arguments, where)]


@pytest.mark.parametrize(
    ("text", "userids"),
    [
        ("lee\n", ["lee"]),
        ("\nlee\r\nkim\r\n\r\njoe", ["lee", "kim", "joe"]),
        ("'0042\n0043\n", ["0042", "0043"]),
        ("lee,,\nkim,,\n", ["lee", "kim"]),
        ("lee@example.com\nzo\u00eb.o'brien\n", ["lee@example.com", "zo\u00eb.o'brien"]),
    ],
)
def test_a_file_of_user_ids_needs_no_header(text: str, userids: list[str]) -> None:
    assert [user.userid for user in listed(text)] == userids
    assert all(user.arguments == {} for user in listed(text))


def test_the_first_line_of_a_file_without_header_is_a_row_like_others() -> None:
    assert listed("\nlee\n")[0].where == "line 2"
    assert bad("4.08E+09\nlee\n")[0].startswith("line 1, userid: 4.08E+09 is what a spreadsheet")
    assert bad("lee\nkim,joe\n")[0].startswith('line 2: has "joe" in cell 2')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nLee\n", "Line 1: There is no column userid. A file without a header is"),
        ("name\nLee\n", "and nothing else. The columns can be: userid, name, uri, secondaryUri,"),
        ("lee,kim,joe\n", "Line 1: There is no column userid."),
        ("\nname,uri\n", "Line 2: There is no column userid."),
        ("List of users\nlee\n", "Line 1: There is no column userid."),
        ("userid|name\nlee|Lee\n", "Line 1: There is no column userid."),
        (f"{'x' * 129}\n", "Line 1: There is no column userid."),
        ("userid,foo,name,b\u2028r\n", 'Line 1: There is no argument "foo", "br". The columns can'),
        ("userid,name,User ID\n", 'Only one column has user IDs, not "userid", "User ID".'),
        ("userid,name,NAME\n", 'The column "NAME" stands in line 1 twice.'),
        ("", "The file is empty."),
    ],
)
def test_a_file_with_a_bad_header_is_refused_as_a_whole(text: str, said: str) -> None:
    failure = failure_of(read_csv, text.encode(), SETTABLE_FIELDS)
    assert failure.reason is Reason.BAD_PARAMETER
    assert said in failure.message


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("lee,,12a", "line 2, callId: takes digits only."),
        ("lee,,4.08E+09", "line 2, callId: 4.08E+09 is what a spreadsheet made of a number; "
         "format the column as text and enter it again."),
        ('lee,,"4,08e+09"', "line 2, callId: 4,08e+09 is what a spreadsheet made of a number; "
         "format the column as text and enter it again."),
        ("lee,#REF!,", "line 2, name: #REF! is what a spreadsheet shows for a formula that went "
         "wrong; enter what is meant."),
        ("lee,' ,", "line 2, name: has nothing but blanks. To unset it, write none."),
        ("lee,\"a\nb\",", "line 2, name: has a control character, or is not UTF-8."),
        ("lee,a\x00b,", "line 2, name: has a control character."),
        (",Lee,", "line 2, userid: is blank."),
        ("none,Lee,", "line 2, userid: is blank."),
        ("1E+05,Lee,", "line 2, userid: 1E+05 is what a spreadsheet made of a number; format the "
         "column as text and enter it again."),
        (f"{'x' * 129},,1", "line 2, userid: A user ID has 1 to 128 characters."),
        ("'\u200b,,1", "line 2, userid: A user ID has 1 to 128 characters."),
        ('lee,"Lee', 'line 2: has a quote (") that is not closed. Nothing from here on was read.'),
        ("lee,,,x", 'line 2: has "x" in cell 4, and no column has a name there. A text with a '
         "delimiter in it needs quotes around it."),
        (',"Lee" x,', 'line 2: has text after a quote ("). A quote in a text is written twice.'),
    ],
)
def test_a_bad_row_says_line_column_and_what_is_wrong(row: str, said: str) -> None:
    assert bad(f"userid,name,callId\n{row}") == [said]


@pytest.mark.parametrize("row", ["lee,x", 'lee,6201"', "'lee,1,1"])
def test_whose_row_is_bad_is_told_as_far_as_it_is_known(row: str) -> None:
    [found] = read_csv(f"userid,callId\n{row}".encode(), SETTABLE_FIELDS).bad
    assert found.userid == row.partition(",")[0]


def test_the_good_rows_stay() -> None:
    text = "userid,callId\nlee,6201\nkim,x\n,\n,1\n,2\njoe,6202\n"
    found = read_csv(text.encode(), SETTABLE_FIELDS)
    assert [user.userid for user in found.listed] == ["lee", "joe"]
    assert [(row.where, row.userid) for row in found.bad] == [
        ("line 3", "kim"), ("line 5", ""), ("line 6", "")
    ]


def test_a_user_id_stands_in_a_list_once() -> None:
    text = "userid,callId\nzo\u00eb,1\nlee,x\nZOE\u0308,2\nlee,3\nzo\u00eb,y\nLEE,4\n"
    found = read_csv(text.encode(), SETTABLE_FIELDS)
    assert found.listed == [ListedUser("zo\u00eb", {"callId": "1"}, "line 2")]
    assert [row.message for row in found.bad] == [
        "line 3, callId: takes digits only.",
        'line 4, userid: "ZOE\u0308" stands in line 2 already.',
        'line 5, userid: "lee" stands in line 3 already.',
        "line 6, callId: takes digits only.",
        'line 7, userid: "LEE" stands in line 3 already.',
    ]


def test_items_are_user_ids_or_objects() -> None:
    items = [
        "lee",
        {"userid": " kim ", "name": "Kim", "callId": 6201, "nonMemberAccess": False, "uri": ""},
        {"name": "'none", "userid": "=joe"},
    ]
    assert read_json(items, SETTABLE_FIELDS) == UserList(
        [
            ListedUser("lee", {}, "item 1"),
            ListedUser(
                "kim", {"name": "Kim", "callId": "6201", "nonMemberAccess": "false", "uri": ""},
                "item 2",
            ),
            ListedUser("=joe", {"name": "'none"}, "item 3"),
        ],
        [],
    )


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (1, 'item 2: is neither a user ID nor an object with a "userid".'),
        (None, 'item 2: is neither a user ID nor an object with a "userid".'),
        ([["userid", "kim"]], 'item 2: is neither a user ID nor an object with a "userid".'),
        ("", "item 2, userid: is blank."),
        ({"name": "Kim"}, "item 2, userid: is blank."),
        ({"userid": 42}, "item 2, userid: is no text."),
        ("a\x00b", "item 2, userid: The user ID has a control character, or is not UTF-8."),
        ("\ud800", "item 2, userid: The user ID has a control character, or is not UTF-8."),
        ("LEE", 'item 2, userid: "LEE" stands in item 1 already.'),
        ({"userid": "kim", "callId": 1.5}, 'item 2, callId: takes text. To unset it, send "".'),
        ({"userid": "kim", "name": None}, 'item 2, name: takes text. To unset it, send "".'),
        ({"userid": "kim", "callId": "x"}, "item 2, callId: takes digits only."),
        ({"userid": "kim", "Foo\n": ""}, "item 2, Foo: is no argument. There are: name, uri, sec"),
    ],
)
def test_a_bad_item_says_what_is_wrong(item: Any, said: str) -> None:
    found = read_json(["lee", item, "joe"], SETTABLE_FIELDS)
    assert [user.where for user in found.listed] == ["item 1", "item 3"]
    assert [row.message[: len(said)] for row in found.bad] == [said]


def test_whose_item_is_bad_is_told() -> None:
    found = read_json([{"callId": "x", "userid": "lee"}], SETTABLE_FIELDS)
    assert found.bad == [BadRow("item 1", "callId", "takes digits only.", "lee")]


@pytest.mark.parametrize("document", [None, {}, "lee", {"userid": "lee"}, 1])
def test_users_that_are_no_list_are_refused(document: Any) -> None:
    failure = failure_of(read_json, document, SETTABLE_FIELDS)
    assert failure.reason is Reason.BAD_PARAMETER
    assert failure.message.startswith("The users are no list such as [")


@pytest.mark.parametrize(
    ("given", "known", "found"),
    [
        ("42", ["lee", "142", "0042", "00042"], "0042"),
        ("0", ["00"], "00"),
        ("42", ["42", "420", "0420", "0a42"], None),
        ("042", ["42", "042"], None),
        ("", ["0"], None),
        ("4a", ["04a"], None),
        ("\u0661", ["0\u0661"], None),
        ("42", [], None),
    ],
)
def test_zeros_that_were_lost_are_found_again(
    given: str, known: list[str], found: str | None
) -> None:
    assert with_zeros(known).get(given) == found


USERIDS = st.text(PRINTABLE, min_size=1, max_size=20).map(str.strip).filter(
    lambda text: not is_blank(text)
)
# Of fields that take any text as it is.
ARGUMENTS = st.dictionaries(
    st.sampled_from(["name", "passcode", "secret", "meetingScheduler"]),
    st.text(PRINTABLE, max_size=10).filter(lambda text: not text or not is_blank(text)),
)
USERS = st.lists(
    st.tuples(USERIDS, ARGUMENTS), min_size=1, unique_by=lambda user: comparison_key(user[0])
)


def table(users: list[tuple[str, dict[str, str]]]) -> list[list[str]]:
    names = sorted({name for _, arguments in users for name in arguments} | {"name"})
    rows = ([userid, *(arguments.get(name) for name in names)] for userid, arguments in users)
    return [["userid", *names], *([as_cell(value) for value in row] for row in rows)]


@patient
@given(USERS, DIALECTS)
def test_users_are_read_as_they_were_written(
    users: list[tuple[str, dict[str, str]]], dialect: Dialect
) -> None:
    written = "".join(map(write_line, table(users))).encode()
    for data in (written, dialect.file(table(users))):
        found = read_csv(data, SETTABLE_FIELDS)
        assert [(user.userid, user.arguments) for user in found.listed] == users
        assert found.bad == []


@patient
@given(USERS)
def test_json_says_the_same_as_csv(users: list[tuple[str, dict[str, str]]]) -> None:
    items = [{"userid": userid, **arguments} for userid, arguments in users]
    as_json = read_json(json.loads(json.dumps(items)), SETTABLE_FIELDS)
    as_csv = read_csv("".join(map(write_line, table(users))).encode(), SETTABLE_FIELDS)
    assert [user[:2] for user in as_json.listed] == [user[:2] for user in as_csv.listed]


PIECES = st.sampled_from(
    ["userid", "name", "lee", ",", ";", "\t", '"', "\n", "\r", " ", "'", "none", "\0", "1E+05"]
)


@patient
@given(st.binary() | st.lists(PIECES).map("".join).map(str.encode))
def test_whatever_a_file_is_it_is_read_or_refused(data: bytes) -> None:
    with suppress(Failure):
        found = read_csv(data, SETTABLE_FIELDS)
        assert len({comparison_key(user.userid) for user in found.listed}) == len(found.listed)


@patient
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(["userid", *SETTABLE_FIELDS]) | st.text(max_size=5), inner, max_size=4
        ),
        max_leaves=12,
    )
)
def test_whatever_a_document_is_it_is_read_or_refused(document: Any) -> None:
    if isinstance(document, list):
        found = read_json(document, SETTABLE_FIELDS)
        assert len(found.listed) + len(found.bad) == len(document)
    else:
        assert failure_of(read_json, document, SETTABLE_FIELDS).reason is Reason.BAD_PARAMETER


def test_fields_are_those_that_are_handed_in() -> None:
    fields = {"callId": SettableField("callId", "", "", help="")}
    assert read_csv(b"userid,CallID\nlee,x\n", fields).listed[0].arguments == {"callId": "x"}
    assert read_csv(b"name\n", fields).listed[0].userid == "name"


def test_user_ids_in_a_text_are_told_apart() -> None:
    assert split(" lee\r\nkim, ann;\n\nzoë o'brien ") == ["lee", "kim", "ann", "zoë o'brien"]
