"""Texts kept in blocks are found as if each were looked at."""

from __future__ import annotations

import random

from flaskr.pod.database import FEW, Record, Table
from flaskr.pod.texts import BLOCK, SearchTexts

LETTERS = "abß山"


def text_of(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randrange(6)))


def test_changes_are_found_at_once() -> None:
    chance = random.Random(7)
    model = {str(number): text_of(chance) for number in range(3 * BLOCK)}
    texts = SearchTexts(model)
    for _ in range(2000):
        text_id = str(chance.randrange(4 * BLOCK))
        if text_id in model and chance.random() < 0.5:
            del model[text_id]
            texts.drop(text_id)
        else:
            model[text_id] = text_of(chance)
            texts.put(text_id, model[text_id])
        wanted = text_of(chance)[:2]
        assert texts.containing(wanted) == {key for key in model if wanted in model[key]}
    for text_id in model:
        texts.drop(text_id)
    assert texts.containing("") == set()


def test_nothing_is_found_across_two_texts() -> None:
    assert SearchTexts({"1": "ab", "2": "ba"}).containing("bb") == set()


def test_few_and_many_are_in_the_order_of_the_table() -> None:
    table = Table("name", lambda *change: None)
    table.fill(Record(str(number), {"name": f"{number % 97:02}"}) for number in range(40 * FEW))
    for wanted in ("96", "9", ""):
        found = [table.get(each) for each in table.containing(wanted, ("name",), True)]
        assert found == [each for each in table.page() if wanted in each.values["name"]]
