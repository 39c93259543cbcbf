"""A company of any size to rehearse with: made up by chance, the same for the same seed.

Its names are put together of short lists, its numbers are extensions of five digits or of the
range that is kept for fiction (555-0100 to 555-0199 in every North American area). What it has of
everything that makes the work on a whole company hard, and how much, is said in the constants.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from flaskr.pod.company import USERS, Company, Employee, PersonalSpace
from flaskr.pod.lower_case import in_lower_case
from flaskr.pod.name_lists import NAME_LISTS, Name, NameList

MOST_EMPLOYEES = 100_000
USUAL_SHARE = 0.95
# How many there are of each, as a share of the personal Spaces.
LEAVERS, RENAMED, DIFFERENT = 0.02, 0.01, 0.06
# How likely each is for an employee.
NO_PHONE, SHARED_PHONE, FICTION, ONLY_THE_END = 0.05, 0.04, 0.1, 0.1
NO_DISPLAY_NAME, MOBILE, DIRECTORY_URI, MS_URI = 0.03, 0.3, 0.8, 0.1
MAIL_DOMAIN = "pod6.example"
AREAS = (201, 212, 303, 312, 404, 415, 503, 512, 602, 617, 702, 713, 808, 818, 907, 919)
DEPARTMENTS = (
    "Accounts", "Design", "Engineering", "Facilities", "Human Resources", "IT", "Legal",
    "Logistics", "Marketing", "Production", "Purchasing", "Research & Development", "Sales", "",
)
TITLES = ("Analyst", "Assistant", "Clerk", "Consultant", "Engineer", "Head", "Trainee", "")
# What people write between the digits of a number, which CMS takes in no URI.
WRITTEN_BETWEEN = str.maketrans("", "", " -.()")


class Person(NamedTuple):
    """The names of someone: given and family name, and whose custom they are written by."""

    given: Name
    family: Name
    custom: NameList

    @property
    def whole(self) -> str:
        """Return the whole name as it is written."""
        names = [self.given.text, self.family.text]
        return self.custom.between.join(names[::-1] if self.custom.family_first else names)


# How user IDs are made, with how many of a hundred are made so.
_STYLES: tuple[tuple[int, Callable[[Person], str]], ...] = (
    (46, lambda person: person.given.ascii[:1] + person.family.ascii),
    (28, lambda person: f"{person.given.ascii}.{person.family.ascii}"),
    (10, lambda person: person.family.ascii + person.given.ascii[:2]),
    (8, lambda person: person.given.ascii[:1].upper() + person.family.ascii.capitalize()),
    (6, lambda person: person.given.ascii + "00"),
    (2, lambda person: f"{person.given.text}.{person.family.text}".lower()),
)
# How people write one number of ten digits: its parts are area, and the two of the number.
_SPELLINGS = (
    "+1{}{}{}", "+1{}{}{}", "+1 {} {} {}", "({}) {}-{}", "{}.{}.{}", "+1 ({}) {}-{}", "{}-{}-{}",
)


# What makes a Space another than the template would: each is as likely.
_DIFFERENCES: tuple[Callable[[PersonalSpace], PersonalSpace], ...] = (
    lambda space: {**space, "name": space["name"].upper()},
    lambda space: {**space, "name": f"Meetings of {space['uri']}"},
    lambda space: {**space, "secondaryUri": ""},
    lambda space: {**space, "secondaryUri": "8" + space["secondaryUri"].removeprefix("+")},
    lambda space: {**space, "cdrTag": ""},
)


def company_of(size: int, seed: int, with_spaces: float = USUAL_SHARE) -> Company:
    """Return the made-up users that there always are, and `size` employees more.

    with_spaces: the share of the latter that has a personal Space.
    """
    chance = random.Random(f"company {seed}")
    personnel = _Personnel(size, chance)
    employees = personnel.engage(size)
    hosts = [employees[place] for place in chance.sample(range(size), round(size * with_spaces))]
    leavers = personnel.engage(round(len(hosts) * LEAVERS))
    renamed = round(len(hosts) * RENAMED)
    former = [personnel.before_marriage(host) for host in hosts[:renamed]]
    spaces = _personal_spaces([*former, *hosts[renamed:], *leavers], chance)
    return Company((*USERS, *employees), tuple(spaces))


class _Personnel:
    """Employees in the making, and what may not be given twice."""

    def __init__(self, size: int, chance: random.Random) -> None:
        self._chance = chance
        self._taken = {in_lower_case(user["userName"]) for user in USERS}
        self._namesakes: Counter[str] = Counter()
        self._shares = [names.share for names in NAME_LISTS]
        self._extensions = self._new_extensions(5 if size <= 50_000 else 6)
        self._last_number = ""

    def engage(self, count: int) -> list[Employee]:
        """Return so many new employees."""
        engaged: list[Employee] = []
        for _ in range(count):
            manager = self._chance.choice(engaged)["userName"] if engaged else ""
            engaged.append(self._employee(self._person(), manager))
        return engaged

    def before_marriage(self, employee: Employee) -> Employee:
        """Return the employee with another family name, and the user ID that goes with it."""
        names, given = _given_name(employee["firstName"])
        others = [each for each in names.family if each.text != employee["lastName"]]
        before = Person(given, self._chance.choice(others), names)
        return {
            **employee,
            "userName": self._userid(before),
            "lastName": before.family.text,
            "displayName": before.whole,
        }

    def _person(self) -> Person:
        [names] = self._chance.choices(NAME_LISTS, self._shares)
        return Person(self._chance.choice(names.given), self._chance.choice(names.family), names)

    def _employee(self, person: Person, manager: str) -> Employee:
        userid = self._userid(person)
        mail = f"{person.given.ascii}.{person.family.ascii}.{len(self._taken)}@{MAIL_DOMAIN}"
        known = {
            "userName": userid,
            "firstName": person.given.text,
            "lastName": person.family.text,
            "phoneNumber": self._phone(),
            "mobileNumber": self._fiction() if self._happens(MOBILE) else "",
            "email": mail,
            "directoryUri": mail if self._happens(DIRECTORY_URI) else "",
            "msUri": f"sip:{userid.lower()}@{MAIL_DOMAIN}" if self._happens(MS_URI) else "",
            "department": self._chance.choice(DEPARTMENTS),
            "manager": manager,
            "title": self._chance.choice(TITLES),
        }
        display = "" if self._happens(NO_DISPLAY_NAME) else person.whole
        return {**{name: text for name, text in known.items() if text}, "displayName": display}

    def _userid(self, person: Person) -> str:
        [style] = self._chance.choices(_STYLES, [share for share, _ in _STYLES])
        wanted = found = style[1](person)
        while in_lower_case(found) in self._taken:
            self._namesakes[wanted] += 1
            found = f"{wanted}{self._namesakes[wanted]}"
        self._taken.add(in_lower_case(found))
        return found

    def _phone(self) -> str:
        if self._happens(NO_PHONE):
            return ""
        if not (self._last_number and self._happens(SHARED_PHONE)):
            fiction = self._happens(FICTION)
            self._last_number = self._fiction() if fiction else next(self._extensions)
        return self._last_number

    def _fiction(self) -> str:
        """Return a number of the range for fiction as someone writes it, or just its end."""
        end = f"{self._chance.randrange(100, 200):04}"
        if self._happens(ONLY_THE_END):
            return end
        return self._chance.choice(_SPELLINGS).format(self._chance.choice(AREAS), 555, end)

    def _new_extensions(self, digits: int) -> Iterator[str]:
        """Yield extensions of so many digits, from 2 on, each once."""
        numbers = list(range(2 * 10 ** (digits - 1), 10**digits))
        while numbers:
            place = self._chance.randrange(len(numbers))
            numbers[place], numbers[-1] = numbers[-1], numbers[place]
            yield str(numbers.pop())

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share


def _given_name(text: str) -> tuple[NameList, Name]:
    """Return the first of the given names that is written so, and the list that has it."""
    return next(
        (names, name) for names in NAME_LISTS for name in names.given if name.text == text
    )


def _personal_spaces(hosts: Iterable[Employee], chance: random.Random) -> Iterator[PersonalSpace]:
    """Yield a Space for each of them, no two with one uri or secondaryUri."""
    taken: set[str] = set()
    for host in hosts:
        space = personal_space(host)
        if chance.random() < DIFFERENT:
            space = chance.choice(_DIFFERENCES)(space)
        if space["secondaryUri"] in taken:
            space = {**space, "secondaryUri": ""}
        taken.add(space["secondaryUri"])
        yield {name: text for name, text in space.items() if text}


def personal_space(host: Employee) -> PersonalSpace:
    """Return the Space that a portal would make of an employee."""
    whole = f"{host['firstName']} {host['lastName']}"
    return {
        "name": f"{host['displayName'] or whole}'s Space",
        "uri": in_lower_case(host["userName"]),
        "secondaryUri": host.get("phoneNumber", "").translate(WRITTEN_BETWEEN),
        "cdrTag": host["userName"],
    }
