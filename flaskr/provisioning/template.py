"""What a personal Space is like, made of what the directory says of a user (guide, step 4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import filterfalse
from typing import Any
from unicodedata import category

from flaskr.expressions import Expression
from flaskr.provisioning.directory import Directory, User, check_enabled
from flaskr.result import Failure, Outcome, Reason
from flaskr.spelling import comparison_key, is_blank, is_blank_character, is_unprintable

MAX_USERID_CHARACTERS = 128  # CUCM's own limit for a user ID
AUTO = "auto"  # a callId that CMS makes up
# Only that of the cdrTag is documented; no client in the field keeps more of the others.
MOST_CHARACTERS = {
    "name": 128, "uri": 128, "secondaryUri": 128, "callId": 50, "cdrTag": 100, "ownerJid": 255
}
# The settings that the values come from, for those who have to correct them.
_SETTINGS = {
    "name": "SPACE_NAME", "uri": "SPACE_URI", "secondaryUri": "SPACE_SECONDARY_URI",
    "callId": "SPACE_CALL_ID", "cdrTag": "SPACE_CDR_TAG", "ownerJid": "SPACE_OWNER_JID",
}
# Those that no category of Unicode's tells: the minus sign, the full stop, and other dots.
_OTHER_HYPHENS_AND_DOTS = "\u2212.\u00b7\u2022\u2024\u2027\u2219\u30fb\uff0e"
_NUMBERS = ("phoneNumber", "homeNumber", "mobileNumber", "pager")

# The same as the defaults of the settings, in words.
FILLED_IN = {
    "name": "the display name in the directory and `'s Space`",
    "uri": "the user ID",
    "secondaryUri": "the telephone number in the directory, if there is one, without blanks, "
    "hyphens, dots and brackets",
    "cdrTag": "the user ID",
}


@dataclass(frozen=True)
class Template:
    """What the Spaces of all users have in common, and what is made of each user.

    Where nothing else is said, it is as the guide has it, and marked as the user's.
    An expression without pieces makes nothing; a `call_id` is made by CMS (`AUTO`) or not at all
    (`""`). `call_profile`, `call_leg_profile`, `tenant` and `host_call_leg_profile` are IDs.
    """

    name: Expression = Expression.parse("$displayName$'s Space")
    uri: Expression = Expression.parse("$userName$")
    secondary_uri: Expression = Expression.parse("$phoneNumber$")
    cdr_tag: Expression = Expression.parse("$userName$")
    call_id: Expression | str = ""
    passcode_digits: int = 0
    call_profile: str = ""
    call_leg_profile: str = ""
    tenant: str = ""
    owner_jid: Expression | None = None
    owner_rights: frozenset[str] = frozenset()
    host_call_leg_profile: str = ""

    def uri_of(self, userid: str) -> str:
        """Return the uri of a user's Space. Raises Failure for a user ID that makes none.

        Where it is made with a substitution, that sees the user ID in lower case: the uri is the
        same in whatever case the user ID is written.
        """
        check_userid(userid)
        seen = comparison_key(userid) if self.uri.has_substitution else userid
        uri = self.uri.of({"userName": seen}).strip()
        wrong = _wrong("uri", uri)
        if wrong:
            whose = f'The user ID "{userid}"'
            made = whose if uri == userid else f'{whose} makes the uri "{_shown(uri)}", which'
            raise Failure(Reason.BAD_PARAMETER, f"{made} {wrong}.")
        return uri

    def describe(self, user: User, given: Collection[str] = ()) -> dict[str, str]:
        """Return what a user's Space is like: the values of its fields that have one.

        The fields that are `given` are left out. Raises Failure where a value can't be.
        """
        uri = self.uri_of(user["userName"])
        made = {
            "name": "", "uri": uri, **self._made(user, given), **self._the_same_for_all(given)
        }
        # All uris are one set of names in CMS, so one that is the uri too is left out.
        if comparison_key(made.get("secondaryUri", "")) == comparison_key(uri):
            del made["secondaryUri"]
        return {name: value for name, value in made.items() if value and name not in given}

    def owner_of(self, user: User) -> str:
        """Return the JID of a Space's owner, `""` where it has none. Raises Failure."""
        if self.owner_jid is None:
            return ""
        written = _written(user)
        lacking = self.owner_jid.lacking(written)
        if lacking:
            raise _unfit("ownerJid", user, f"needs ${lacking[0]}$, which is empty for this user")
        return _value("ownerJid", self.owner_jid, written)

    def _made(self, user: User, given: Collection[str]) -> dict[str, str]:
        """Return what is made of a user, the uri aside."""
        written = _written(user)
        as_dialled = {**written, **{name: dialled(user.get(name) or "") for name in _NUMBERS}}
        call_id = Expression(()) if isinstance(self.call_id, str) else self.call_id
        expressions = {
            "name": (self.name, written),
            "secondaryUri": (self.secondary_uri, as_dialled),
            "cdrTag": (self.cdr_tag, written),
            "callId": (call_id, as_dialled),
        }
        return {
            name: _value(name, expression, seen)
            for name, (expression, seen) in expressions.items()
            if name not in given and (name == "name" or _makes_something(expression, seen))
        }

    def _the_same_for_all(self, given: Collection[str]) -> dict[str, str]:
        return {
            "requireCallId": "true" if self.call_id == AUTO and "callId" not in given else "",
            "callProfile": self.call_profile,
            "callLegProfile": self.call_leg_profile,
            "tenant": self.tenant,
        }


def template_of(settings: Mapping[str, Any]) -> Template:
    """Return the template that the settings describe."""
    return Template(
        name=settings["SPACE_NAME"],
        uri=settings["SPACE_URI"],
        secondary_uri=settings["SPACE_SECONDARY_URI"],
        cdr_tag=settings["SPACE_CDR_TAG"],
        call_id=settings["SPACE_CALL_ID"] or "",
        passcode_digits=settings["SPACE_PASSCODE_DIGITS"],
        call_profile=settings["SPACE_CALL_PROFILE"] or "",
        call_leg_profile=settings["SPACE_CALL_LEG_PROFILE"] or "",
        tenant=settings["SPACE_TENANT"] or "",
        owner_jid=settings["SPACE_OWNER_JID"],
        owner_rights=settings["SPACE_OWNER_RIGHTS"],
        host_call_leg_profile=settings["SPACE_HOST_CALL_LEG_PROFILE"] or "",
    )


def show_template(template: Template, directory: Directory, userid: str) -> Outcome:
    """Return what the template makes of a user. Nothing is made, and CMS is not asked."""
    template.uri_of(userid)
    user = directory.find_user(userid)
    check_enabled(user)
    host = template.host_call_leg_profile
    made = {
        "coSpace": template.describe(user),
        "passcodeDigits": template.passcode_digits,
        "ownerJid": template.owner_of(user),
        "ownerRights": sorted(template.owner_rights) if template.owner_jid else [],
        "host": {"callLegProfile": host} if host else {},
    }
    return Outcome(f'This is what a new Space of the user "{userid}" is like.', made)


def check_userid(userid: str) -> None:
    """Raise Failure for what is no user ID."""
    if is_blank(userid) or len(userid) > MAX_USERID_CHARACTERS:
        wrong = f"A user ID has 1 to {MAX_USERID_CHARACTERS} characters."
    elif is_unprintable(userid):
        wrong = "The user ID has a control character, or is not UTF-8."
    else:
        return
    raise Failure(Reason.BAD_PARAMETER, wrong)


def _makes_something(expression: Expression, user: User) -> bool:
    """Return whether a user has all that a value is made of, and it is not blank."""
    return not expression.lacking(user) and not is_blank(expression.of(user))


def _value(field: str, expression: Expression, user: User) -> str:
    value = expression.of(user).strip()
    wrong = _wrong(field, value)
    if wrong:
        raise _unfit(field, user, f'makes "{_shown(value)}", which {wrong}')
    return value


def _unfit(field: str, user: User, what: str) -> Failure:
    whose = f'For the user "{user["userName"]}", {_SETTINGS[field]} {what}.'
    otherwise = "" if field == "ownerJid" else f" Otherwise send {field} yourself."
    remedy = f"Have the user or the setting corrected.{otherwise}"
    return Failure(Reason.TEMPLATE_UNFIT, f"{whose} {remedy}")


def _wrong(field: str, value: str) -> str | None:
    """Return what is wrong with a value, or None where it is fine."""
    if is_blank(value):
        return "is empty"
    if len(value) > MOST_CHARACTERS[field]:
        return f"has more than {MOST_CHARACTERS[field]} characters"
    if is_unprintable(value):
        return "has a control character"
    return _REFUSALS.get(field, _refuse_nothing)(value)


def _refuse_nothing(value: str) -> None:
    return None


def _refuse_uri(value: str) -> str | None:
    if "@" not in value:
        return None
    return "has an @, so it can be no uri: a uri in CMS is the part before the @ only"


def _refuse_call_id(value: str) -> str | None:
    digits = value.isascii() and value.isdecimal()
    return None if digits else "has other characters than digits"


def _refuse_jid(value: str) -> str | None:
    name, _, domain = value.partition("@")
    well_formed = name and domain and "@" not in domain and not any(map(str.isspace, value))
    return None if well_formed else "is no JID: that is name@domain"


_REFUSALS = {
    "uri": _refuse_uri,
    "secondaryUri": _refuse_uri,
    "callId": _refuse_call_id,
    "ownerJid": _refuse_jid,
}


def _shown(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:60]}…"


def _written(user: User) -> User:
    """Return a user who has a display name, whatever else is known."""
    full_name = " ".join(filter(None, (user.get("firstName"), user.get("lastName"))))
    return {**user, "displayName": user.get("displayName") or full_name or user["userName"]}


def dialled(number: str) -> str:
    """Return a telephone number without what people write in it to read it."""
    return "".join(filterfalse(_is_between_digits, number))


def _is_between_digits(character: str) -> bool:
    """Return whether people write it in telephone numbers to read them: no uri in CMS has it.

    These are blanks, hyphens and dashes, dots, and brackets, the ones of other scripts too.
    """
    return (
        is_blank_character(character)
        or category(character) in ("Pd", "Ps", "Pe")
        or character in _OTHER_HYPHENS_AND_DOTS
    )
