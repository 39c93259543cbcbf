"""Where servers are: hosts, ports, and several of them in one text."""

import pytest

from flaskr.places import Place, PlaceTwice, places_of


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


def test_a_place_is_written_as_it_is_read() -> None:
    for text in ("cms:443", "[::1]:443"):
        assert [str(place) for place in places_of(text, 1)] == [text]
