"""Whose the files of the portal are: its user's, also those that root has made first."""

import os
from contextlib import suppress
from pathlib import Path


def give_to_owner_of(path: Path, file: int) -> None:
    """Give an open file the owner that a path has. Raises OSError where only root could."""
    owner = os.stat(path)
    if owner.st_uid != os.fstat(file).st_uid:
        os.fchown(file, owner.st_uid, owner.st_gid)


def give_to_owner_of_folder(folder: Path, file: int) -> None:
    """Give a new open file the owner of its folder, where it is root that has made it.

    A command that root runs should not leave a file that the portal can't use.
    """
    if os.fstat(file).st_uid == 0:
        with suppress(PermissionError):  # a root who may not do everything, as in a container
            give_to_owner_of(folder, file)
