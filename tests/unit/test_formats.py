"""Answers become predictable dictionaries, and nothing else gets through."""

import pytest

from flaskr.rest.v1.formats import JSON, MAX_DEPTH, XML, Unreadable, find

read_xml = XML(list_count="total").read
read_json = JSON().read


def test_attributes_and_children_become_keys_of_one_dictionary() -> None:
    assert read_xml(b'<?xml version="1.0"?><coSpace id="1"><name>Sales</name></coSpace>') == {
        "coSpace": {"@id": "1", "name": "Sales"}
    }


@pytest.mark.parametrize(
    ("body", "spaces"),
    [
        (b'<coSpaces total="0"></coSpaces>', []),
        (b'<coSpaces total="0"/>', []),
        (b'<coSpaces total="1"><coSpace id="1"/></coSpaces>', [{"@id": "1"}]),
        (
            b'<coSpaces total="2"><coSpace id="1"/><coSpace id="2"/></coSpaces>',
            [{"@id": "1"}, {"@id": "2"}],
        ),
    ],
)
def test_the_children_of_a_list_are_always_a_list(
    body: bytes, spaces: list[dict[str, str]]
) -> None:
    assert read_xml(body)["coSpaces"]["coSpace"] == spaces


def test_a_list_without_entries_is_known_by_the_attribute_that_counts_them() -> None:
    read_users = XML(list_count="totalCount").read
    assert read_users(b'<users totalCount="0"/>')["users"]["user"] == []
    assert "user" not in read_xml(b'<users totalCount="0"/>')["users"]


def test_an_element_that_merely_ends_in_s_is_no_list() -> None:
    assert read_xml(b"<status><uptimeSeconds>7</uptimeSeconds></status>") == {
        "status": {"uptimeSeconds": "7"}
    }


def test_an_empty_element_is_an_empty_text() -> None:
    assert read_xml(b"<user><displayName/></user>") == {"user": {"displayName": ""}}


@pytest.mark.parametrize("name", ["Söns & Co <x>", "Ζωή", "山田", "a\tb"])
def test_text_survives_whatever_its_characters(name: str) -> None:
    escaped = name.replace("&", "&amp;").replace("<", "&lt;")
    assert read_xml(f"<a><b>{escaped}</b></a>".encode())["a"]["b"] == name


def test_the_encoding_is_the_one_that_the_document_declares() -> None:
    body = '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("iso-8859-1")
    assert read_xml(body) == {"a": "é"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"OK",
        b'{"success": true}',
        b"<html><body>Sign in<br></body></html>",
        b'<coSpaces total="1"><coSpace id="1"><name>Sal',
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="utf-16"?><a/>',
        b'<?xml version="1.0" encoding="no-such-thing"?><a/>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<a>" * 100_000 + b"</a>" * 100_000,
    ],
    ids=range(12),
)
def test_what_is_no_document_of_an_api_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^it is not well-formed XML|^its elements stand"):
        read_xml(body)


def test_elements_may_stand_as_deep_in_each_other_as_the_bound_and_no_deeper() -> None:
    assert read_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)
    with pytest.raises(Unreadable, match=f"stand more than {MAX_DEPTH} deep"):
        read_xml(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1))


@pytest.mark.parametrize("name", ["Söns & Co <x>", "Ζωή", "山田", "a\tb", '"\\', "\u2028"])
def test_an_object_in_json_is_the_dictionary_that_was_written(name: str) -> None:
    document = {"name": name, "rooms": [], "one": [{"id": "1"}], "locked": False, "none": None}
    assert read_json(JSON().write(document)) == document


def test_json_goes_out_in_utf_8() -> None:
    assert JSON().write({"name": "Zoë"}) == '{"name": "Zoë"}'.encode()


def test_a_byte_order_mark_does_not_make_json_unreadable() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": "b"}') == {"a": "b"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not well-formed JSON (Expecting value"),
        (b"<coSpace/>", "not well-formed JSON (Expecting value"),
        (b"<html><body>Sign in<br></body></html>", "not well-formed JSON (Expecting value"),
        (b'{"name": "Sal', "not well-formed JSON (Unterminated string"),
        (b'{"name": "\xff"}', "not well-formed JSON ('utf-8' codec"),
        (b'{"total": NaN}', "not well-formed JSON (NaN is no JSON)"),
        ('{"a": 1}'.encode("utf-16"), "not well-formed JSON ("),
        (b"[]", "JSON, but not an object"),
        (b'"OK"', "JSON, but not an object"),
        (b'{"a":' * 100_000, "not well-formed JSON ("),
        (b'{"a":' * 40 + b"1" + b"}" * 40, f"stand more than {MAX_DEPTH} deep in each other"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "stand more than"),
    ],
    ids=range(12),
)
def test_what_is_no_json_object_is_refused_in_words(body: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_json(body)
    assert why in str(refused.value)


def test_members_may_stand_as_deep_in_each_other_as_the_bound() -> None:
    assert read_json(b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH)


def test_find_returns_what_stands_at_a_path_or_none() -> None:
    document = {"status": {"softwareVersion": "3.9"}}
    assert find(document, "status", "softwareVersion") == "3.9"
    assert find(document, "status", "softwareVersion", "deeper") is None
    assert find("", "status") is None
