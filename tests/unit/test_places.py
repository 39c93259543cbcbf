"""Where servers are: hosts, ports, and several of them in one text."""

import pytest

from flaskr.places import Place, PlaceTwice, places_of, root_of


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("cms", [("cms", 443)]),
        ("cms.example.com:445", [("cms.example.com", 445)]),
        ("10.0.0.1:445", [("10.0.0.1", 445)]),
        ("::1", [("::1", 443)]),
        ("[::1]:8443", [("::1", 8443)]),
        ("fd00::12:8443", [("fd00::12:8443", 443)]),
        ("cms1, cms2:445,[fd00::12]:446", [("cms1", 443), ("cms2", 445), ("fd00::12", 446)]),
        ("cms,cms:444", [("cms", 443), ("cms", 444)]),
    ],
)
def test_a_text_names_one_place_or_several(text: str, places: list[tuple[str, int]]) -> None:
    assert list(places_of(text, 443)) == places


def test_a_sequence_names_several_too() -> None:
    assert places_of(["cms1", "cms2:445"], 443) == (Place("cms1", 443), Place("cms2", 445))


@pytest.mark.parametrize("text", ["cms,cms", "cms,CMS.:443", "[::1]:443,::1", "a,b,c,b"])
def test_a_place_that_is_named_twice_is_refused(text: str) -> None:
    with pytest.raises(PlaceTwice, match="is named twice"):
        places_of(text, 443)


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://webexapis.com/v1", "https://webexapis.com:443/v1"),
        ("https://127.0.0.1:8449/v1/", "https://127.0.0.1:8449/v1"),
        ("https://[::1]:8449", "https://[::1]:8449"),
        ("HTTPS://Webexapis.com/v1/", "https://webexapis.com:443/v1"),
    ],
)
def test_an_api_begins_at_a_place_and_a_path(url: str, root: str) -> None:
    assert str(root_of(url)) == str(root_of(root)) == root


@pytest.mark.parametrize(
    "url",
    ["", "webexapis.com", "http://webexapis.com/v1", "https://", "https:///v1", "ftp://x",
     "https://user:pass@webexapis.com/v1", "https://webexapis.com@evil.example/v1",
     "https://webexapis.com/v1?a=b", "https://webexapis.com/v1#x", "https://x:y/v1",
     "https://x:99999/v1", "https://x:0/v1", "https://[::1/v1"],
)
def test_an_api_is_only_at_an_https_address_and_nothing_else_is_in_it(url: str) -> None:
    with pytest.raises(ValueError):
        root_of(url)


def test_a_place_is_written_as_it_is_read() -> None:
    for text in ("cms:443", "[::1]:443"):
        assert [str(place) for place in places_of(text, 1)] == [text]
