"""OpenLDAP's own server as a process of the tests, with people as OpenLDAP and as AD keep them."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import trustme
from support.processes import need

SUFFIX = "dc=pod6,dc=example"
PEOPLE, USERS = f"ou=People,{SUFFIX}", f"ou=Users,{SUFFIX}"  # as OpenLDAP has them, and as AD
ACCOUNT, LIMITED = f"cn=portal,{SUFFIX}", f"cn=limited,{SUFFIX}"
PASSWORD = "Pod6-lab-ldap-ä"
MOST_FOR_LIMITED = 5  # entries that LIMITED is sent
START_SECONDS = 10
PROGRAM = shutil.which("slapd", path="/usr/sbin:/usr/local/sbin:/usr/local/libexec")
# Attributes of Active Directory, by its own names and numbers; OpenLDAP has none of them.
_SCHEMA = """
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
    SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.782 NAME 'objectCategory' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.141 NAME 'department' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.311.1 NAME 'msRTCSIP-PrimaryUserAddress' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL
    MAY ( sAMAccountName $ userAccountControl $ objectCategory $ department $
        msRTCSIP-PrimaryUserAddress ) )
"""
_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {folder}/ad.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "{suffix}"
directory {folder}/data
maxsize 67108864
dbnosync
index objectClass,uid,sAMAccountName eq
limits dn.exact="{account}" size=unlimited
limits dn.exact="{limited}" size={most}
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""
Values = Mapping[str, str | Sequence[str]]


class Slapd:
    """Where it listens, with LDAPS and with StartTLS, and the CA of its certificate."""

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "ca.pem"
        self.ports = {"ldaps": free_port(), "starttls": free_port()}

    def settings(self, preset: str, tls: str = "ldaps") -> dict[str, str]:
        """Return the settings of a portal whose directory it is."""
        return {
            "PORTAL_DIRECTORY": "ldap",
            "LDAP_HOSTNAME": "127.0.0.1",
            "LDAP_PORT": str(self.ports[tls]),
            "LDAP_TLS": tls,
            "LDAP_USERNAME": ACCOUNT,
            "LDAP_PASSWORD": PASSWORD,
            "LDAP_TLS_VERIFY": str(self.ca_file),
            "LDAP_PRESET": preset,
            "LDAP_BASE": {"ad": USERS, "openldap": PEOPLE}[preset],
        }

    @property
    def urls(self) -> str:
        ldaps, starttls = self.ports["ldaps"], self.ports["starttls"]
        return f"ldaps://127.0.0.1:{ldaps}/ ldap://127.0.0.1:{starttls}/"


@contextmanager
def running_slapd(people: Iterable[str]) -> Iterator[Slapd]:
    """Run one that has these entries, which are LDIF, until the block ends."""
    need(PROGRAM, "This needs slapd, of Debian's package slapd.")
    folder = Path(tempfile.mkdtemp(prefix="slapd-"))
    try:
        slapd = Slapd(folder)
        _prepare(folder, people)
        process = subprocess.Popen(
            [str(PROGRAM), "-f", folder / "slapd.conf", "-h", slapd.urls, "-d", "0"]
        )
        try:
            _wait_for(process, slapd.ports.values())
            yield slapd
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(folder)


def person(user: Mapping[str, str], **more: str | Sequence[str]) -> str:
    """Return the entry of an employee as OpenLDAP has one."""
    values = {"objectClass": "inetOrgPerson", "uid": user["userName"], **_common(user)}
    values["departmentNumber"] = user.get("department", "")
    return entry(f"uid={_in_dn(user['userName'])},{PEOPLE}", {**values, **more})


def ad_user(user: Mapping[str, str], **more: str | Sequence[str]) -> str:
    """Return the entry of an employee as Active Directory has one."""
    values = {
        "objectClass": "user", "objectCategory": "person", "sAMAccountName": user["userName"],
        "userAccountControl": "512", "department": user.get("department", ""),
        "msRTCSIP-PrimaryUserAddress": f"sip:{user['userName']}@pod6.example", **_common(user),
    }
    return entry(f"cn={_in_dn(user['userName'])},{USERS}", {**values, **more})


def entry(name: str, values: Values) -> str:
    """Return an entry as LDIF, without values that are empty."""
    lines = [_line("dn", name)]
    for attribute, value in values.items():
        texts = [value] if isinstance(value, str) else value
        lines += [_line(attribute, text) for text in texts if text]
    return "\n".join(lines) + "\n"


def _common(user: Mapping[str, str]) -> dict[str, str | Sequence[str]]:
    display = user.get("displayName", "")
    return {
        "cn": display or user["userName"], "sn": user.get("lastName") or "?",
        "givenName": user.get("firstName", ""), "displayName": display,
        "telephoneNumber": user.get("phoneNumber", ""), "mail": user.get("email", ""),
        "title": user.get("title", ""),
    }


def _line(attribute: str, text: str) -> str:
    return f"{attribute}:: {base64.b64encode(text.encode()).decode()}"


def _in_dn(text: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in text.encode())


def _prepare(folder: Path, people: Iterable[str]) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    leaf.private_key_pem.write_to_path(str(folder / "server.key"))
    for blob in leaf.cert_chain_pems:
        blob.write_to_path(str(folder / "server.pem"), append=True)
    (folder / "data").mkdir()
    (folder / "ad.schema").write_text(_SCHEMA)
    (folder / "slapd.conf").write_text(_CONFIGURATION.format(
        folder=folder, suffix=SUFFIX, account=ACCOUNT, limited=LIMITED, most=MOST_FOR_LIMITED
    ))
    subprocess.run(
        [str(PROGRAM).replace("slapd", "slapadd"), "-q", "-f", folder / "slapd.conf"],
        input="\n".join([*_top(), *people]), text=True, check=True, capture_output=True,
    )


def _top() -> Iterator[str]:
    domain = {"objectClass": ["dcObject", "organization"], "dc": "pod6", "o": "Pod 6"}
    yield entry(SUFFIX, domain)
    for name in (PEOPLE, USERS):
        yield entry(name, {"objectClass": "organizationalUnit", "ou": name[3:].split(",")[0]})
    for name in (ACCOUNT, LIMITED):
        account = ["organizationalRole", "simpleSecurityObject"]
        values = {"objectClass": account, "cn": name[3:].split(",")[0], "userPassword": PASSWORD}
        yield entry(name, values)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        return int(closed_soon.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], ports: Iterable[int]) -> None:
    deadline = time.monotonic() + START_SECONDS
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, "slapd didn't start"
                time.sleep(0.005)
