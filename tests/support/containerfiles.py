"""A Containerfile, read as far as its facts can be held against the project."""

import json
import re
from typing import NamedTuple


class Containerfile(NamedTuple):
    """The instructions of a Containerfile, in their order: each a name and what stands behind it.
    """

    instructions: list[tuple[str, str]]

    @classmethod
    def parse(cls, text: str) -> "Containerfile":
        """Return what a text says. Raises ValueError for a line that is no instruction."""
        lines = re.sub(r"\\\n", " ", text).splitlines()
        found = [re.fullmatch(r"([A-Z]+) +(\S.*)", line) for line in lines if line.strip()]
        if None in found:
            raise ValueError(f"no instruction: {lines[found.index(None)]}")
        return cls([(each[1], each[2]) for each in found if each])

    def all(self, name: str) -> list[str]:
        """Return what stands behind each instruction of a name."""
        return [rest for each, rest in self.instructions if each == name]

    def only(self, name: str) -> str:
        """Return what stands behind the only instruction of a name."""
        (rest,) = self.all(name)
        return rest

    def command(self, name: str) -> list[str]:
        """Return the words of a command, which no shell stands before: it gets the signals."""
        words: list[str] = json.loads(self.only(name).removeprefix("CMD "))
        return words

    def place(self, name: str) -> int:
        """Return at which place the last instruction of a name stands."""
        return max(number for number, (each, _) in enumerate(self.instructions) if each == name)
