"""What the README prints for people to copy: its blocks, and the sections that they stand in."""

import re

from support.processes import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return what stands below a heading, up to the next one. Raises ValueError."""
    _, found, below = README.partition(f"\n{heading}\n")
    if not found:
        raise ValueError(f"the README has no heading {heading}")
    return re.split(r"\n#+ (?=[A-Z])", below, maxsplit=1)[0]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.+?)^```", text, re.MULTILINE | re.DOTALL)


def block(language: str, text: str = README) -> str:
    """Return the only block of a language."""
    found = blocks(language, text)
    assert len(found) == 1, f"there are {len(found)} blocks of {language}"
    return found[0]
