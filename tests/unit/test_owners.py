"""Whose the files are that a command of root's leaves behind."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from flaskr.access import owners
from flaskr.access.owners import give_to_owner_of, give_to_owner_of_folder

ROOT, PORTAL, OTHER, GROUP = 0, 990, 1000, 7


@pytest.mark.parametrize(
    ("give", "made_by", "owner", "is_given"),
    [
        (give_to_owner_of_folder, ROOT, PORTAL, True),
        (give_to_owner_of_folder, ROOT, ROOT, False),
        (give_to_owner_of_folder, OTHER, PORTAL, False),
        (give_to_owner_of, ROOT, PORTAL, True),
        (give_to_owner_of, PORTAL, PORTAL, False),
        (give_to_owner_of, OTHER, PORTAL, True),
    ],
)
@pytest.mark.parametrize("may", [True, False])
def test_a_new_file_of_roots_is_given_away_and_one_that_was_there_always(
    monkeypatch: pytest.MonkeyPatch,
    give: Callable[[Path, int], None],
    made_by: int,
    owner: int,
    is_given: bool,
    may: bool,
) -> None:
    given: list[tuple[int, int, int]] = []

    def fchown(file: int, user: int, group: int) -> None:
        given.append((file, user, group))
        if not may:
            raise PermissionError

    system = SimpleNamespace(
        stat=lambda path: SimpleNamespace(st_uid=owner, st_gid=GROUP),
        fstat=lambda file: SimpleNamespace(st_uid=made_by),
        fchown=fchown,
    )
    monkeypatch.setattr(owners, "os", system)
    if is_given and not may and give is give_to_owner_of:
        with pytest.raises(PermissionError):
            give(Path("keys"), 5)
    else:
        give(Path("keys"), 5)
    assert given == ([(5, owner, GROUP)] if is_given else [])
