"""What a personal Space is like, made of what the directory says of a user (guide, step 4)."""

from itertools import filterfalse
from unicodedata import category

from flaskr.provisioning.directory import User
from flaskr.spelling import comparison_key, is_blank_character

# Those that no category of Unicode's tells: the minus sign, the full stop, and other dots.
_OTHER_HYPHENS_AND_DOTS = "\u2212.\u00b7\u2022\u2024\u2027\u2219\u30fb\uff0e"

# The same as describe_space, in words.
FILLED_IN = {
    "name": "the display name in CUCM and `'s Space`",
    "uri": "the user ID",
    "secondaryUri": "the telephone number in CUCM, if there is one, without blanks, hyphens, dots "
    "and brackets",
}


def describe_space(user: User) -> dict[str, str]:
    """Return what a user's Space is like: the values of its fields."""
    userid = user["userName"]
    full_name = " ".join(filter(None, (user.get("firstName"), user.get("lastName"))))
    phone = "".join(filterfalse(_is_between_digits, user.get("phoneNumber") or ""))
    return {
        "name": f"{user.get('displayName') or full_name or userid}'s Space",
        "uri": userid,
        # All uris are one set of names in CMS, so a number that is the user ID too is left out.
        "secondaryUri": phone if comparison_key(phone) != comparison_key(userid) else "",
    }


def _is_between_digits(character: str) -> bool:
    """Return whether people write it in telephone numbers to read them: no uri in CMS has it.

    These are blanks, hyphens and dashes, dots, and brackets, the ones of other scripts too.
    """
    return (
        is_blank_character(character)
        or category(character) in ("Pd", "Ps", "Pe")
        or character in _OTHER_HYPHENS_AND_DOTS
    )


from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """What a personal Space is like, as the settings say."""

    passcode_digits: int = 0
    call_leg_profile: str = ""
    host_call_leg_profile: str = ""
    owner_rights: frozenset[str] = frozenset()
    owner_jid: Callable[[User], str] = lambda user: ""
    more: tuple[tuple[str, str], ...] = ()

    def describe(self, user: User) -> dict[str, str]:
        """Return the values of the Space."""
        profile = {"callLegProfile": self.call_leg_profile} if self.call_leg_profile else {}
        return {**describe_space(user), **profile, **dict(self.more)}

    def owner_of(self, user: User) -> str:
        """Return the JID of the owner."""
        return self.owner_jid(user)
