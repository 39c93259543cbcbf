"""Every setting of the portal in one table, and the reading of them from where they may stand."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click
from dotenv import dotenv_values
from flask import Config

from flaskr.expressions import ATTRIBUTES, BadExpression, Expression
from flaskr.places import Place, host_and_port, root_of
from flaskr.spelling import is_address

MAX_TIMEOUT_SECONDS = 3600
PLACES = "the environment, .env or instance/config.py"
NOTHING = "none"
AUTO = "auto"
# Of a member of a Space, by the names of the CMS API ("Adding and modifying a coSpace Member").
RIGHTS = (
    "canDestroy", "canAddRemoveMember", "canChangeName", "canChangeUri", "canChangeCallId",
    "canChangePasscode", "canRemoveSelf", "canDeleteAllMessages", "canChangeNonMemberAccessAllowed",
)
LAB_HINT = "To try the portal without a CMS: python -m flaskr.lab needs no settings."


class SettingsError(click.ClickException):
    """A setting is missing or bad. The message is one line for the operator."""

    exit_code = 2  # of a command: it was not begun


@dataclass(frozen=True)
class Setting:
    """A setting: `read` makes its value of text; `default` is text too, None where it must be set.

    `expects` completes the sentence "write NAME=…"; `meaning` is what people read in the docs.
    `needed_with` is the setting, or its value as NAME=value, without which this one may stay unset;
    it stands before this one in the table.
    """

    name: str
    read: Callable[[str], Any]
    default: str | None
    expects: str
    meaning: str
    needed_with: str = ""

    def is_needed(self, values: Mapping[str, Any]) -> bool:
        """Return whether it must have a value, where the settings before it have these."""
        name, _, wanted = self.needed_with.partition("=")
        value = values.get(name) or ""
        return not name or (value == wanted if wanted else bool(value))


def _text(value: str) -> str:
    return value


def _hostname(value: str) -> str:
    if ":" in value:
        return str(ip_address(value))
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?", value):
        raise ValueError(value)
    return value


def _places(value: str) -> str:
    return ",".join(_place(name.strip()) for name in value.split(","))


def _place(value: str) -> str:
    host, port = host_and_port(value)
    return str(Place(_hostname(host), _port(port))) if port else _hostname(host)


def _port(value: str) -> int:
    return _whole_number(value, 65535)


def _whole_number(value: str, most: int) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise ValueError(value)
    return int(value)


def _parallel(value: str) -> int:
    return _whole_number(value, 64)


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 < seconds <= MAX_TIMEOUT_SECONDS:
        raise ValueError(value)
    return seconds


def _tls_verify(value: str) -> bool | str:
    known = {"true": True, "false": False}.get(value.lower())
    if known is not None:
        return known
    if not Path(value).is_file():
        raise ValueError(value)
    return value


def _key(value: str) -> str:
    if not re.fullmatch(r"[!-~]([ -~]*[!-~])?", value):
        raise ValueError(value)
    return value


def _api(value: str) -> str:
    _hostname(root_of(value).place.host)
    return value


def _sender(value: str) -> str:
    addresses = [address for _, address in getaddresses([value])]
    if not value.isprintable() or list(map(is_address, addresses)) != [True]:
        raise ValueError(value)
    return value


def _hosts(value: str) -> tuple[str, ...]:
    return tuple(_hostname(name.strip()).lower().rstrip(".") for name in value.split(","))


def _proxies(value: str) -> int:
    return 0 if value == "0" else _whole_number(value, 10)


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(value)
        return value

    return read


def _ldap_attributes(value: str) -> dict[str, str]:
    pairs = [each.partition("=") for each in value.split(",")]
    named = {field.strip(): attribute.strip() for field, _, attribute in pairs}
    are_known = set(named) <= {*ATTRIBUTES, "disabled"}
    if not are_known or not all(map(_LDAP_ATTRIBUTE.fullmatch, named.values())):
        raise ValueError(value)
    return named


def _file_to_be(value: str) -> Path:
    file = Path(value)
    if file.is_dir() or not file.parent.is_dir():
        raise ValueError(value)
    return file


def _removals(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}|([0-9]|[1-9][0-9]|100)%", value):
        raise ValueError(value)
    return value


def _expression(value: str) -> Expression:
    return Expression.parse(value)


def _expression_or_none(value: str) -> Expression:
    return Expression(()) if value == NOTHING else Expression.parse(value)


def _secondary_uri(value: str) -> Expression:
    return _without_at(value, _expression_or_none(value))


def _without_at(value: str, expression: Expression) -> Expression:
    for text in expression.texts:
        if "@" in text:
            raise BadExpression(value.index(text), "a uri in CMS is the part before the @ only")
    return expression


def _uri_expression(value: str) -> Expression:
    expression = Expression.parse(value, ("userName",))
    if not expression.attributes:
        raise BadExpression(0, "without $userName$, all users would have one URI")
    return _without_at(value, expression)


def _call_id(value: str) -> Expression | str:
    if value == AUTO:
        return AUTO
    expression = Expression.parse(value)
    for text in expression.texts:
        if not (text.isascii() and text.isdecimal()):
            raise BadExpression(value.index(text), "a callId has digits only")
    if not expression.attributes:
        raise BadExpression(0, "without an attribute, all users would have one callId")
    return expression


def _jid(value: str) -> Expression:
    expression = Expression.parse(value)
    if not expression.attributes and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise BadExpression(0, "this is no JID, which is name@domain")
    return expression


def _digits(value: str) -> int:
    digits = 0 if value == "0" else _whole_number(value, 20)
    if 0 < digits < 4:
        raise ValueError(value)
    return digits


def _id(value: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        raise ValueError(value)
    return value


def _rights(value: str) -> frozenset[str]:
    names = [] if value == NOTHING else [name.strip() for name in value.split(",")]
    if not set(names) <= set(RIGHTS):
        raise ValueError(value)
    return frozenset(names)


_LDAP_ATTRIBUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.;-]*")
_HOST = "<host name or IP address, without https:// and port>"
_HOSTS = (
    "<host name or IP address, without https://; of a cluster, several with commas between; each "
    "may have a :port>"
)
_PORT = "<a number from 1 to 65535>"
_ASCII = "<ASCII characters, no blanks around them>"
_EXPRESSION = "<text with $attributes$ of the user in it>"
_OR_NONE = f"{_EXPRESSION}, or {NOTHING}"
_ID = "<its ID in CMS>"
_WITH_LDAP = "PORTAL_DIRECTORY=ldap"
_TLS = "true, false, or the path of a CA bundle that exists"

SETTINGS = (
    Setting(
        "CMS_HOSTNAME", _places, None, _HOSTS,
        "The CMS whose Spaces are provisioned; of a cluster, its Call Bridges with commas between. "
        "Each may have a :port of its own.",
    ),
    Setting("CMS_PORT", _port, "443", _PORT, "The port of its Web Admin interface and API."),
    Setting("CMS_USERNAME", _text, None, "<user>", "A CMS account with the role api or admin."),
    Setting("CMS_PASSWORD", _text, None, "<password>", "That account's password."),
    Setting(
        "CMS_TLS_VERIFY", _tls_verify, "true", _TLS,
        "How the CMS's certificate is verified: with the public CAs (true), with those of a CA "
        "bundle in PEM form (its path), or not at all (false).",
    ),
    Setting(
        "PORTAL_DIRECTORY", _one_of("uds", "ldap"), "uds", "uds or ldap",
        "Where users are looked up: in CUCM's User Data Services (uds), or in Active Directory or "
        "OpenLDAP (ldap).",
    ),
    Setting(
        "CUCM_HOSTNAME", _hostname, None, _HOST, "The CUCM whose users get the Spaces.",
        needed_with="PORTAL_DIRECTORY=uds",
    ),
    Setting("CUCM_PORT", _port, "8443", _PORT, "The port of its User Data Services (UDS)."),
    Setting(
        "CUCM_USERNAME", _text, "", "<user>",
        "Only where CUCM wants credentials for contact searches (the port is 9443 then).",
    ),
    Setting("CUCM_PASSWORD", _text, "", "<password>", "That user's password."),
    Setting(
        "CUCM_TLS_VERIFY", _tls_verify, "true", _TLS, "The same as CMS_TLS_VERIFY, for the CUCM."
    ),
    Setting(
        "LDAP_HOSTNAME", _hostname, None, _HOST,
        "The directory whose users get the Spaces, such as a domain controller.", _WITH_LDAP,
    ),
    Setting(
        "LDAP_PORT", _port, "", _PORT,
        "Its port: 636 where it is not set, or 389 with LDAP_TLS=starttls; of a global catalog, "
        "3269 and 3268.",
    ),
    Setting(
        "LDAP_TLS", _one_of("ldaps", "starttls"), "ldaps", "ldaps or starttls",
        "How TLS begins: with the connection (ldaps), or on request (starttls). Without TLS, "
        "nothing is sent.",
    ),
    Setting(
        "LDAP_USERNAME", _text, None, "<a DN, or in AD user@domain or DOMAIN\\user>",
        "An account that may read the users: a DN, or in AD user@domain or DOMAIN\\user.",
        _WITH_LDAP,
    ),
    Setting(
        "LDAP_PASSWORD", _text, None, "<password>", "That account's password.", _WITH_LDAP
    ),
    Setting(
        "LDAP_TLS_VERIFY", _tls_verify, "true", _TLS,
        "The same as CMS_TLS_VERIFY, for the directory.",
    ),
    Setting(
        "LDAP_BASE", _text, None, "<a DN>",
        "The DN that the users are found under, such as ou=People,dc=example,dc=com.", _WITH_LDAP,
    ),
    Setting(
        "LDAP_PRESET", _one_of("ad", "openldap"), "ad", "ad or openldap",
        "Which filter and attributes the users have: those of Active Directory (ad) or OpenLDAP "
        "(openldap).",
    ),
    Setting(
        "LDAP_FILTER", _text, "", "<an LDAP filter in round brackets>",
        "The filter that the users fit, where it is not that of LDAP_PRESET.",
    ),
    Setting(
        "LDAP_ATTRIBUTES", _ldap_attributes, "",
        f"<field=attribute, commas between; the fields are {', '.join(ATTRIBUTES)}, disabled>",
        "Attributes other than those of LDAP_PRESET, such as "
        "userName=userPrincipalName,phoneNumber=ipPhone.",
    ),
    Setting(
        "CUC_HOSTNAME", _hostname, "", _HOST,
        "The Unity Connection with the users' mailboxes. Not set: the portal has none.",
    ),
    Setting("CUC_PORT", _port, "443", _PORT, "The port of its Provisioning Interface (CUPI)."),
    Setting(
        "CUC_USERNAME", _text, None, "<user>",
        "An account there with the System Administrator role.", needed_with="CUC_HOSTNAME",
    ),
    Setting(
        "CUC_PASSWORD", _text, None, "<password>", "That account's password.",
        needed_with="CUC_HOSTNAME",
    ),
    Setting(
        "CUC_TLS_VERIFY", _tls_verify, "true", _TLS,
        "The same as CMS_TLS_VERIFY, for Unity Connection.",
    ),
    Setting(
        "WEBEX_ROOM_ID", _key, "", "<its ID in Webex>",
        "The Webex room that is told of changes, by WEBEX_TOKEN.",
    ),
    Setting(
        "WEBEX_TOKEN", _key, None, "<the token of a bot>",
        "The token of a Webex bot that is in the room; with it, invitations can be sent by Webex "
        "too.",
        needed_with="WEBEX_ROOM_ID",
    ),
    Setting(
        "WEBEX_WEBHOOK", _api, "", "<the address of an incoming webhook, with https://>",
        "In the place of WEBEX_ROOM_ID: the address of an incoming webhook, which is a secret. It "
        "must be where WEBEX_URL is.",
    ),
    Setting(
        "WEBEX_URL", _api, "https://webexapis.com/v1", "<the address of its API, with https://>",
        "Where the API of Webex is.",
    ),
    Setting(
        "WEBEX_TLS_VERIFY", _tls_verify, "true", _TLS, "The same as CMS_TLS_VERIFY, for Webex."
    ),
    Setting("SMTP_HOSTNAME", _hostname, "", _HOST, "The mail server that invitations go out by."),
    Setting("SMTP_PORT", _port, "587", _PORT, "Its port; mostly 465 where SMTP_TLS is tls."),
    Setting("SMTP_USERNAME", _key, "", _ASCII, "Only where it wants a log-in."),
    Setting("SMTP_PASSWORD", _key, "", _ASCII, "That user's password."),
    Setting(
        "SMTP_TLS", _one_of("starttls", "tls"), "starttls", "starttls or tls",
        "Whether TLS begins by STARTTLS, or at once (tls). There is no mail without.",
    ),
    Setting(
        "SMTP_TLS_VERIFY", _tls_verify, "true", _TLS,
        "The same as CMS_TLS_VERIFY, for the mail server.",
    ),
    Setting(
        "SMTP_FROM", _sender, None, "<an e-mail address, or a name and <address>>",
        "Whom mails are from, such as The portal <portal@example.com>.",
        needed_with="SMTP_HOSTNAME",
    ),
    Setting(
        "PORTAL_API_KEY", _key, "", _ASCII,
        "The key of an admin. Where it is set, or there is a file instance/keys, callers must send "
        "a key in the header X-API-Key.",
    ),
    Setting(
        "PORTAL_HOSTS", _hosts, "", "<host names or IP addresses, commas between>",
        "The names that the portal is reached by, beside localhost and the address that it "
        "listens on. Without an API key, it answers to no other.",
    ),
    Setting(
        "PORTAL_PROXIES", _proxies, "0", "<a number from 0 to 10>",
        "How many proxies, such as nginx, stand before the portal and add the caller's address to "
        "X-Forwarded-For.",
    ),
    Setting(
        "PORTAL_AUDIT_FILE", _file_to_be, "", "<the path of a file, in a folder that exists>",
        "The file that says who changed what, a JSON line before and one after each change. Where "
        "it can't be written, nothing is changed.",
    ),
    Setting(
        "PORTAL_TIMEOUT", _seconds, "10", "<seconds, above 0 and up to 3600>",
        "How long one call to a server may take in all, retries included; in seconds.",
    ),
    Setting(
        "PORTAL_CMS_PARALLEL", _parallel, "8", "<a number from 1 to 64>",
        "How many pages of CMS lists after the first are asked for at once in a process; 1: one "
        "by one.",
    ),
    Setting(
        "PORTAL_CUC_PARALLEL", _parallel, "2", "<a number from 1 to 64>",
        "How many requests to Unity Connection are under way at once in a process. It works on "
        "five, for all who ask.",
    ),
    Setting(
        "PORTAL_LOG", _one_of("text", "json"), "text", "text or json",
        "How log lines are written: as text or JSON.",
    ),
    Setting(
        "PORTAL_MAX_REMOVALS", _removals, "5%", "<a number, or a share such as 5%>",
        "How many Spaces a plan may remove when it is applied, unless so many are said to be "
        "meant: a number, or a share of all Spaces and at least 5.",
    ),
    Setting(
        "SPACE_NAME", _expression, "$displayName$'s Space", _EXPRESSION,
        "The name of a new Space. Who has no display name is called by first and last name, else "
        "by the user ID.",
    ),
    Setting(
        "SPACE_URI", _uri_expression, "$userName$",
        "<text with $userName$, and no other attribute, in it>",
        "The uri of a user's Space: it is found by it. It has no attribute but the user ID.",
    ),
    Setting(
        "SPACE_SECONDARY_URI", _secondary_uri, "$phoneNumber$", _OR_NONE,
        "Its secondaryUri. Telephone numbers lose their blanks, hyphens, dots and brackets.",
    ),
    Setting(
        "SPACE_CDR_TAG", _expression_or_none, "$userName$", _OR_NONE,
        "Its cdrTag, which marks its calls, and the Space as this user's.",
    ),
    Setting(
        "SPACE_CALL_ID", _call_id, "", f"{AUTO}, or {_EXPRESSION}",
        "Its callId: one that CMS makes up (auto), or what this makes of the user, such as "
        "$phoneNumber$.",
    ),
    Setting(
        "SPACE_PASSCODE_DIGITS", _digits, "0", "0, or <a number from 4 to 20>",
        "How many digits the passcode of a new Space has, which is made up; 0: it has none.",
    ),
    Setting("SPACE_CALL_PROFILE", _id, "", _ID, "Its callProfile: one that CMS has, by ID."),
    Setting(
        "SPACE_CALL_LEG_PROFILE", _id, "", _ID,
        "Its callLegProfile, by ID. Where the Space has hosts, it is that of the guests.",
    ),
    Setting("SPACE_TENANT", _id, "", _ID, "Its tenant, by ID."),
    Setting(
        "SPACE_OWNER_JID", _jid, "", _EXPRESSION,
        "The JID of its owner, who becomes a member, such as $userName$@example.com or $email$.",
    ),
    Setting(
        "SPACE_OWNER_RIGHTS", _rights,
        "canAddRemoveMember,canChangeName,canChangePasscode,canChangeNonMemberAccessAllowed,"
        "canDeleteAllMessages",
        f"<some of {', '.join(RIGHTS)}, commas between>, or {NOTHING}",
        "What the owner may do as a member.",
    ),
    Setting(
        "SPACE_HOST_CALL_LEG_PROFILE", _id, "", _ID,
        "The callLegProfile of hosts, by ID. Where set, a Space has hosts, such as its owner, and "
        "guests.",
    ),
)


def load_settings(given: Mapping[str, Any], project: Path) -> dict[str, Any]:
    """Return every setting's value: what is given, over environment, .env, instance and default.

    `.env` and `instance/config.py` are looked for in the folder `project`. An empty value counts as
    not set; one that is given empty stands for the default. Raises SettingsError for the first that
    is missing or bad.
    """
    places = (os.environ, _read_dotenv(project / ".env"), _read_instance(project / "instance"))
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        written = next(_written(setting.name, (given,) if setting.name in given else places), None)
        values[setting.name] = _value(setting, written, setting.is_needed(values))
    return values


def _read_dotenv(file: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(file)
    except ValueError:
        raise SettingsError(".env can't be read: it is not UTF-8.") from None


def _read_instance(folder: Path) -> Mapping[str, Any]:
    instance = Config(folder.resolve())
    try:
        instance.from_pyfile("config.py", silent=True)
    except (Exception, SystemExit) as error:
        raise SettingsError(f"instance/config.py can't be read as Python: {error}.") from None
    return instance


def _value(setting: Setting, written: str | None, is_needed: bool) -> Any:
    text = setting.default if written is None else written
    if text is None and is_needed:
        raise SettingsError(
            f"{setting.name} is not set: write {setting.name}={setting.expects} in {PLACES}. "
            f"{LAB_HINT}"
        )
    try:
        return setting.read(text) if text else None
    except ValueError as error:
        wrong = f" {error}" if isinstance(error, BadExpression) else ""
        raise SettingsError(
            f"{setting.name} can't be used as it is: write {setting.name}={setting.expects} "
            f"in {PLACES}.{wrong}"
        ) from None


def _written(name: str, places: tuple[Mapping[str, Any], ...]) -> Iterator[str]:
    """Yield what stands for a setting in each of the places, as text, the most important first."""
    for place in places:
        value = place.get(name)
        if value is not None and value != "":
            yield str(value)
