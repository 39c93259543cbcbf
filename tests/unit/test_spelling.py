"""Which texts are the same: whatever letters they have, and in whichever form of Unicode's."""

import re
import sys
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaskr.pod.lower_case import in_lower_case
from flaskr.spelling import comparison_key, is_address, is_unprintable

ascii_texts = st.text(st.characters(max_codepoint=127), max_size=20)
# Letters that lower case, case folding, NFC or NFKC would make ASCII, and others.
strange = st.one_of(
    st.sampled_from("\u212a\u017f\u0130\ufb01\uff4b\u00df\u1e9e\u01f0\u0149"),
    st.sampled_from("\u037e\u1fef\u0301\u0308\u0307\u030c"),
    st.characters(min_codepoint=128),
)
mixed = st.text(st.one_of(st.sampled_from("ksiKSIfe;`"), strange), max_size=12)
NORMALISED_TO_ASCII = re.compile("[\u037e\u1fef\u212a]")


@given(ascii_texts)
def test_ascii_is_compared_without_letters_case(text: str) -> None:
    assert comparison_key(text) == comparison_key(text.upper()) == comparison_key(text.swapcase())
    assert in_lower_case(text) == text.lower() == comparison_key(text)


@given(st.builds("".join, st.tuples(ascii_texts, strange, ascii_texts)) | strange, ascii_texts)
def test_a_text_with_another_character_is_never_the_same_as_one_in_ascii(
    text: str, in_ascii: str
) -> None:
    for compared in (comparison_key, in_lower_case):
        assert not compared(text).isascii()
        assert compared(text) != compared(in_ascii)


def test_no_character_outside_ascii_becomes_ascii() -> None:
    characters = list(map(chr, range(128, sys.maxunicode + 1)))
    # Unassigned, private or half a pair: Unicode has no other form of them.
    formless = [each for each in characters if category(each) in ("Cn", "Co", "Cs")]
    others = set(characters).difference(formless)
    # All at once, which is quick; nothing is composed with the ideographs between the others.
    text = "\u4e00".join(("".join(formless), *others))
    assert not any(map(str.isascii, comparison_key(text)))
    assert not any(map(str.isascii, in_lower_case(text)))


@given(st.one_of(st.text(), mixed))
def test_the_composed_and_the_decomposed_form_of_a_text_are_the_same(text: str) -> None:
    assert comparison_key(normalize("NFC", text)) == comparison_key(normalize("NFD", text))
    if not NORMALISED_TO_ASCII.search(text):
        assert comparison_key(text) == comparison_key(normalize("NFC", text))


@given(st.one_of(st.text(), mixed))
def test_what_a_text_is_compared_by_is_the_same_as_the_text(text: str) -> None:
    assert comparison_key(comparison_key(text)) == comparison_key(text)


@given(st.text("abcxyzäëïöüñçøåαβγδεζηθικλμνξοπρσςτυφχψωабвгд"))
def test_letters_case_does_not_count_outside_ascii_either(text: str) -> None:
    assert comparison_key(text) == comparison_key(text.upper())


def test_what_is_unprintable_is_a_control_character_half_a_pair_or_what_decoding_put() -> None:
    found = {chr(code) for code in range(sys.maxunicode + 1) if is_unprintable(chr(code))}
    controls = {chr(code) for code in (*range(32), *range(127, 160))}
    assert found == controls | set(map(chr, range(0xD800, 0xE000))) | set("\ufffd\ufffe\uffff")
    assert not is_unprintable("")


@pytest.mark.parametrize("text", ["kim@pod6.example", "k.o'b+x@pod6", "zoë@pöd6.example"])
def test_an_e_mail_address_is_one(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "kim", "@pod6.example", "kim@", "a@b@c", "a@b,c@d", "a@b c@d", "a@b;c@d", "<a@b>",
     "Kim <a@b>", "a@b\r\nBcc: c@d", "a@b\n", "a\0@b", "a@b\x7f", '"a b"@c', "a@b\ud800"],
)
def test_what_is_more_than_one_e_mail_address_or_less_is_none(text: str) -> None:
    assert not is_address(text)
