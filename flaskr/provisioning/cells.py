"""A value in a cell of a spreadsheet: written so that it comes back as it was.

Excel, LibreOffice and Google Sheets take much that they open for a number, a date, a boolean or a
formula. They leave alone what has an apostrophe before it, or take only the apostrophe away.
"""

import re
from unicodedata import normalize

from flaskr.spelling import is_blank

NONE = "none"  # how an empty value is written: a blank cell says nothing
# As spreadsheets write them: in the language that they speak, mostly in capitals.
_TRUE = (
    "true wahr vrai verdadero vero verdadeiro waar sant sand sann tosi prawda pravda igaz dogru "
    "adevarat истина"
)
_FALSE = (
    "false falsch faux falso onwaar falskt falsk usann epätosi fałsz nepravda hamis yanlis fals "
    "ложь"
)
# In languages that are written in Latin letters: without accents, and each that begins with another
# one only once. Of some languages only the abbreviations.
_MONTHS = (
    "january february march april may june july august september october november december "
    "januari februari marz mrz mai juni juli oktober dezember mrt maart mei augustus desember maj "
    "janvier fevrier mars marts avril juin juillet aout septembre octobre novembre decembre enero "
    "febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio "
    "febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro marco maio "
    "junho julho setembro outubro novembro dezembro augusti tammikuu helmikuu maaliskuu huhtikuu "
    "toukokuu kesakuu heinakuu elokuu syyskuu lokakuu marraskuu joulukuu styczen luty marzec "
    "kwiecien czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien leden unor brezen "
    "duben kveten cerven cvc cvn srpen zari rijen prosinec ocak subat mart nisan mayis haziran "
    "temmuz agustos eylul ekim kasim aralik ian iun iul noi szept sij velj ozu tra svi ruj stu avg "
    "jaan veebr juuni juuli dets"
)
_FEWEST_LETTERS = 3  # of a month that is abbreviated

# Where a program that takes another delimiter would see a cell of its own begin with a formula.
_INNER = r"(?<=[;\t\r\n]){}(?= *['=+\-@＝＋－＠])"
_INNER_CELL = re.compile(_INNER.format(""))
_PROTECTED_INNER_CELL = re.compile(_INNER.format("'"))
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_AMOUNT = re.compile(r"(chf|eur|gbp|usd|fr|ft|kc|kr|lei|rs|r\$)[\W\d]+")
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]\d+", re.IGNORECASE)
_TOO_NARROW = re.compile(r"#{3,}")
_OF_A_FORMULA = re.compile(r"#[A-ZÀ-ÞА-Я0-9/ ]+[!?]|#[A-Z]/[A-Z]|#NV|#GETTING_DATA|Err:\d+")


def _folded(text: str) -> str:
    """Return a text without case, accents and blanks around it."""
    parts = normalize("NFKD", text.strip().casefold())
    return "".join(character for character in parts if character.isalnum() or character.isascii())


BOOLEANS = {
    **{_folded(word): "true" for word in _TRUE.split()},
    **{_folded(word): "false" for word in _FALSE.split()},
}
_BEGINNINGS_OF_MONTHS = frozenset(
    month[:length]
    for month in _MONTHS.split()
    for length in range(_FEWEST_LETTERS, len(month) + 1)
)


def as_cell(value: str | None) -> str:
    """Return the cell for a value, `none` where it is empty, and blank where there is none.

    A value that is not plainly text has an apostrophe before it, so it is no formula either; nor is
    what stands behind a delimiter in it.
    """
    if value is None:
        return ""
    if not value:
        return NONE
    text = _INNER_CELL.sub("'", value)
    return text if _is_plain(value) else f"'{text}"


def value_of(cell: str) -> str | None:
    """Return the value of a cell, None where that is blank.

    The apostrophe may be missing. Where the value needs none, as 's-Gravenhage, it is part of it.
    """
    if is_blank(cell):
        return None
    if cell.strip().lower() == NONE:
        return ""
    text = _PROTECTED_INNER_CELL.sub("", cell)
    rest = text[1:]
    is_protected = text[0] == "'" and rest and not (rest[0].isalpha() and _is_plain(rest))
    return rest if is_protected else text


def boolean_of(value: str) -> str:
    """Return `true` or `false` for what a spreadsheet makes of it, and other values as they are."""
    return BOOLEANS.get(_folded(value), value)


def spoilt(cell: str) -> str | None:
    """Return how a spreadsheet has spoilt what was in a cell, or None where it has not.

    It is the rest of a sentence that begins with the cell.
    """
    text, made = cell.strip(), "is what a spreadsheet"
    if _SCIENTIFIC.fullmatch(text):
        return f"{made} made of a number; format the column as text and enter it again."
    if _TOO_NARROW.fullmatch(text):
        return f"{made} shows where a column is too narrow; make it wider and save it again."
    if _OF_A_FORMULA.fullmatch(text):
        return f"{made} shows for a formula that went wrong; enter what is meant."
    return None


def _is_plain(text: str) -> bool:
    """Return whether no spreadsheet takes a text for anything else."""
    if not text[0].isalpha():
        return _GUID.fullmatch(text) is not None
    folded = _folded(text)
    if not any(map(str.isnumeric, folded)):
        return folded != NONE and folded not in BOOLEANS
    may_be_a_date = any(map(_may_be_a_month, _WORD.findall(folded)))
    return not may_be_a_date and _AMOUNT.fullmatch(folded) is None


def _may_be_a_month(word: str) -> bool:
    """Return whether it is a month, or in letters in which no months are known here."""
    return not word.isascii() or word in _BEGINNINGS_OF_MONTHS
