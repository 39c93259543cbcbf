"""The servers that the portal talks to: from settings to clients, and what is asked for health."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flaskr.cms.v1.cms import CMS
from flaskr.config import SettingsError
from flaskr.cuc.v1.cupi import CUPI
from flaskr.mail.mail import Mail
from flaskr.places import PlaceTwice, root_of
from flaskr.result import Failure, Outcome
from flaskr.uds.v1.uds import UDS
from flaskr.webex.v1.webex import Webex

logger = logging.getLogger(__name__)

PLACE_SECONDS = 1.0
SELDOM_SECONDS = 60.0

Check = Callable[[], object]
# What sends a text with a subject to an e-mail address.
Send = Callable[[str, str, str], Outcome]


@dataclass(frozen=True)
class KnownServer:
    """A server: its client's class, which the settings with its prefix are for.

    `key` is what the app has its client by. `more` are further arguments of the client, by their
    names, each with the setting that it comes from. `is_directory`: there is one of these alone,
    that with the key in PORTAL_DIRECTORY.
    """

    key: str
    prefix: str
    client: Callable[..., Any]
    more: Mapping[str, str] = field(default_factory=dict)
    is_directory: bool = False

    def is_there(self, settings: Mapping[str, Any]) -> bool:
        """Return whether the portal has it."""
        is_other = self.is_directory and self.key != settings["PORTAL_DIRECTORY"]
        return bool(settings[f"{self.prefix}_HOSTNAME"]) and not is_other


def _ldap(*arguments: Any, **more: Any) -> Any:
    """Return the client of an LDAP directory; its library, of 16 MB, is loaded for one alone."""
    from flaskr.ldap.v1.ldap import LDAP, BadFilter

    try:
        return LDAP(*arguments, **more)
    except BadFilter:
        raise SettingsError(
            "LDAP_FILTER is no LDAP filter: write one such as "
            "LDAP_FILTER=(&(objectClass=inetOrgPerson)(l=Boston)), with all its round brackets."
        ) from None


SERVERS = (
    KnownServer("cms", "CMS", CMS, {"parallel": "PORTAL_CMS_PARALLEL"}),
    KnownServer("uds", "CUCM", UDS, is_directory=True),
    KnownServer(
        "ldap", "LDAP", _ldap,
        {
            "base": "LDAP_BASE", "tls": "LDAP_TLS", "preset": "LDAP_PRESET",
            "user_filter": "LDAP_FILTER", "attributes": "LDAP_ATTRIBUTES",
        },
        is_directory=True,
    ),
    KnownServer("cuc", "CUC", CUPI, {"parallel": "PORTAL_CUC_PARALLEL"}),
)


def connect(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client for each server that is named, by its key. Nothing is sent yet.

    The one of the directory is there by the key "directory" too; those of Webex and of the mail
    server by "webex" and "mail". Raises SettingsError for settings that can't be together, such as
    for a file that is not a CA bundle, and for a place that is named twice.
    """
    there = [server for server in SERVERS if server.is_there(settings)]
    clients = {server.key: _client(server, settings) for server in there}
    return {**clients, "directory": clients[settings["PORTAL_DIRECTORY"]], **_messengers(settings)}


def rest_clients(clients: Mapping[str, Any]) -> list[Any]:
    """Return the clients whose calls are counted."""
    webex = [clients["webex"]] if "webex" in clients else []
    return [*(client for _, client in of_servers(clients)), *webex]


def of_servers(clients: Mapping[str, Any]) -> list[tuple[KnownServer, Any]]:
    """Return each server that is there, with its client."""
    return [(server, clients[server.key]) for server in SERVERS if server.key in clients]


def health_checks(clients: Mapping[str, Any]) -> dict[str, Check]:
    """Return what tells whether each server answers, by the name that its settings have."""
    return {server.prefix.lower(): client.get_version for server, client in of_servers(clients)}


def place_checks(clients: Mapping[str, Any], are_numbered: bool) -> dict[str, Check]:
    """Return the same for each place of a server that has several, as cms cms1.example.com:443.

    Each place is asked once, and for a second at the most: one that fails must not hold up the
    word on its server. Where callers need an API key, which health is told without, the places
    `are_numbered` instead of named.
    """
    return {
        f"{server.prefix.lower()} {number if are_numbered else place}":
            client.probe(place, PLACE_SECONDS).get_version
        for server, client in of_servers(clients)
        for number, place in enumerate(client.places, 1)
        if len(client.places) > 1
    }


def optional_checks(clients: Mapping[str, Any]) -> dict[str, Check]:
    """Return the same for what the portal can do without: whether Webex takes its token.

    Webex counts requests, so it is asked seldom, and for a second at the most.
    """
    webex: Webex | None = clients.get("webex")
    if webex is None or not webex.reaches_people:
        return {}
    return {"webex": _seldom(webex.probe(webex.places[0], PLACE_SECONDS).get_me)}


def _seldom(check: Check) -> Check:
    """Return a check that finds the same for a while."""
    found: Failure | None = None
    found_at = -SELDOM_SECONDS

    def ask() -> None:
        nonlocal found, found_at
        if time.monotonic() - found_at >= SELDOM_SECONDS:
            found = _failure_of(check)
            found_at = time.monotonic()
        if found:
            raise found

    return ask


def _failure_of(check: Check) -> Failure | None:
    try:
        check()
    except Failure as failure:
        return failure
    return None


def senders(clients: Mapping[str, Any]) -> dict[str, Send]:
    """Return what sends texts to people, by the ways that there are: those of `WAYS`."""
    webex, mail = (clients.get(way) for way in ("webex", "mail"))
    found: dict[str, Send] = {}
    if webex is not None and webex.reaches_people:
        found["webex"] = lambda address, _subject, text: webex.post_to_person(address, text)
    if mail is not None:
        found["mail"] = mail.send
    return found


def _messengers(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client for each server that messages go out by."""
    messengers: dict[str, Any] = {}
    if settings["WEBEX_TOKEN"] or settings["WEBEX_WEBHOOK"]:
        messengers["webex"] = _webex(settings)
    if settings["SMTP_HOSTNAME"]:
        messengers["mail"] = _mail(settings)
    return messengers


def _webex(settings: Mapping[str, Any]) -> Webex:
    url, webhook = settings["WEBEX_URL"], settings["WEBEX_WEBHOOK"] or ""
    if webhook and settings["WEBEX_ROOM_ID"]:
        raise SettingsError("WEBEX_ROOM_ID and WEBEX_WEBHOOK are both set: one of them will do.")
    if webhook and root_of(webhook).place != root_of(url).place:
        raise SettingsError(
            "WEBEX_WEBHOOK can't be used as it is: write WEBEX_WEBHOOK=<an address below "
            f"https://{root_of(url).place}/>, where WEBEX_URL is."
        )
    with _bad_bundle_refused("WEBEX_TLS_VERIFY", settings["WEBEX_TLS_VERIFY"]):
        return Webex(
            url,
            settings["WEBEX_TOKEN"] or "",
            settings["WEBEX_ROOM_ID"] or "",
            webhook,
            tls_verify=settings["WEBEX_TLS_VERIFY"],
            timeout=settings["PORTAL_TIMEOUT"],
        )


def _mail(settings: Mapping[str, Any]) -> Mail:
    with _bad_bundle_refused("SMTP_TLS_VERIFY", settings["SMTP_TLS_VERIFY"]):
        return Mail(
            settings["SMTP_HOSTNAME"],
            settings["SMTP_USERNAME"],
            settings["SMTP_PASSWORD"],
            settings["SMTP_PORT"],
            sender=settings["SMTP_FROM"],
            tls=settings["SMTP_TLS"],
            tls_verify=settings["SMTP_TLS_VERIFY"],
            timeout=settings["PORTAL_TIMEOUT"],
        )


def _client(server: KnownServer, settings: Mapping[str, Any]) -> Any:
    def setting(name: str) -> Any:
        return settings[f"{server.prefix}_{name}"]

    with _bad_bundle_refused(f"{server.prefix}_TLS_VERIFY", setting("TLS_VERIFY")):
        try:
            return server.client(
                setting("HOSTNAME"),
                setting("USERNAME"),
                setting("PASSWORD"),
                setting("PORT"),
                tls_verify=setting("TLS_VERIFY"),
                timeout=settings["PORTAL_TIMEOUT"],
                **{argument: settings[name] for argument, name in server.more.items()},
            )
        except PlaceTwice as error:
            names = f"{server.prefix}_HOSTNAME names {error.place} twice"
            raise SettingsError(f"{names}: write each place once.") from None


@contextmanager
def _bad_bundle_refused(name: str, tls_verify: bool | str) -> Iterator[None]:
    """Warn where the setting switches verification off, and refuse a file that is not a bundle."""
    if tls_verify is False:
        logger.warning(
            "%s is false: the certificate is not verified, and an attacker in between can read "
            "and change everything, passwords too. Set it to the path of a CA bundle.", name,
        )
    try:
        yield
    except OSError as error:
        raise SettingsError(
            f"{name} names a file that is not a CA bundle ({error.strerror or error}): write "
            f"{name}=<the path of a file with certificates in PEM form>."
        ) from None
