"""What is put into the reader's folder: the skeleton and the solution, never over another file."""

from itertools import count
from pathlib import Path

_HERE = Path(__file__).parent


def skeleton() -> str:
    """Return the file that the reader begins with: `pass` where something is to be done."""
    return (_HERE / "skeleton.txt").read_text(encoding="utf-8")


def solution() -> str:
    """Return a file in which all steps are done."""
    return (_HERE / "solution.txt").read_text(encoding="utf-8")


def put(file: Path, text: str) -> bool:
    """Write a new file, with its folder; return whether it is new. One that is there stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as new:
            new.write(text)
    except FileExistsError:
        return False
    return True


def put_anew(file: Path, text: str) -> Path | None:
    """Write a file; return where the one that was there is kept, if it had another text."""
    kept = None
    if file.exists() and file.read_bytes() != text.encode():
        names = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in count(1))
        kept = next(name for name in names if not name.exists())
        file.rename(kept)
    put(file, text)
    return kept
