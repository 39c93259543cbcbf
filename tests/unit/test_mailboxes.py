"""A user's mailbox: whose it is, its import, change and deletion, on a wire that is mocked."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from responses import matchers
from support.failures import failure_of
from support.unity import (
    ID,
    IMPORT,
    KIM,
    LATER,
    LEE,
    MAILBOX,
    OTHER_ID,
    PIN,
    PIN_STATE,
    PKID,
    REFUSED,
    URL,
    client,
    finds,
    lists,
    reads,
    sent,
)

from flaskr.provisioning.audited import AuditedCUPI
from flaskr.provisioning.dry_mailboxes import DryCUPI
from flaskr.provisioning.mailbox_creation import import_mailbox
from flaskr.provisioning.mailboxes import (
    delete_mailbox,
    modify_mailbox,
    page_of_ldap_users,
    retrieve_mailbox,
)
from flaskr.provisioning.withheld import dry_run
from flaskr.result import Failure, Outcome, Reason

Wire = responses.RequestsMock
PERSON = {"alias": "lee", "firstName": "Lee", "pkid": PKID}
TEMPLATE = "voicemailusertemplate"


class People:
    """A directory of Lee alone, or one that is not to be reached."""

    def __init__(self, number: str = "", reason: Reason | None = None) -> None:
        self.number, self.reason = number, reason

    def find_user(self, userid: str) -> dict[str, str]:
        if self.reason:
            raise Failure(self.reason, "CUCM: no.", server="cucm")
        if userid != "lee":
            raise Failure(Reason.NO_SUCH_USER, f'CUCM has no user with the ID "{userid}".')
        return {"userName": "lee", "phoneNumber": self.number}


NOBODY: Any = People(reason=Reason.NO_SUCH_USER)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of sleeping them."""
    slept: list[float] = []
    monkeypatch.setattr("flaskr.rest.v1.attempts.time.sleep", slept.append)
    return slept


def imports(
    wire: Wire, extension: str = "", *, is_lost: bool = False, template: str = TEMPLATE
) -> None:
    """Take an import once."""
    values = {"pkid": PKID, **({"dtmfAccessId": extension} if extension else {})}
    match = [
        matchers.query_param_matcher({"templateAlias": template}),
        matchers.json_params_matcher(values),
    ]
    if is_lost:
        wire.post(f"{URL}/{IMPORT}", body=requests.ConnectionError(), match=match)
    else:
        wire.post(f"{URL}/{IMPORT}", status=201, body=f"/vmrest/{MAILBOX}", match=match)


def refuses(wire: Wire, status: int = 400) -> None:
    wire.post(f"{URL}/{IMPORT}", status=status, json=REFUSED)


def has_person(wire: Wire, **more: str) -> None:
    lists(wire, IMPORT, "(alias is lee)", "ImportUser", {**PERSON, **more})


def import_lee(directory: Any = NOBODY, **arguments: str) -> Outcome:
    return import_mailbox(client(), directory, "lee", arguments)


def takes(wire: Wire, path: str, values: dict[str, str], status: int = 204) -> None:
    """Take a change once."""
    body = None if status == 204 else REFUSED
    match = [matchers.json_params_matcher(values)]
    wire.put(f"{URL}/{path}", status=status, json=body, match=match)


# Whose mailbox it is.


@pytest.mark.parametrize("userid", ["lee", "LEE"])
def test_a_mailbox_is_found_by_its_alias_whatever_the_case(wire: Wire, userid: str) -> None:
    lists(wire, "users", f"(alias is {userid})", "User", KIM, LEE)
    reads(wire, MAILBOX, LEE)
    reads(wire, PIN, {**PIN_STATE, "Hacked": "x"})
    found = retrieve_mailbox(client(), userid).response
    assert found["User"] == LEE
    assert found["PIN"] == {"HackCount": "3", "TimeChanged": "2026-03-05 11:24:33.3"}


def test_an_alias_with_an_accent_is_looked_for_in_both_of_its_forms(wire: Wire) -> None:
    lists(wire, "users", "(alias is zo\u00eb)", "User")
    lists(wire, "users", "(alias is zoe\u0308)", "User", {**LEE, "Alias": "zoe\u0308"})
    reads(wire, MAILBOX, LEE)
    reads(wire, PIN, PIN_STATE)
    assert retrieve_mailbox(client(), "zo\u00eb").response["User"] == LEE


def test_the_mailbox_of_another_user_is_not_taken_for_it(wire: Wire) -> None:
    lists(wire, "users", "(alias is lee)", "User", KIM)
    assert failure_of(retrieve_mailbox, client(), "lee").code == "no_mailbox"


@pytest.mark.parametrize("userid", ["", " ", "a(b", "a)b", "x" * 65, "a\x00"])
def test_what_is_no_user_id_is_not_looked_for(userid: str) -> None:
    for change in (retrieve_mailbox, lambda cupi, userid: import_mailbox(cupi, NOBODY, userid, {})):
        assert failure_of(change, client(), userid).code == "bad_parameter"


ADMINISTRATOR = {**KIM, "LdapType": "0"}


@pytest.mark.parametrize(
    ("directory", "code", "said"),
    [
        (NOBODY, "not_personal", "was not imported from LDAP, and the directory has no user"),
        (People(reason=Reason.TIMED_OUT), "cucm_timed_out", "So nothing was changed"),
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        delete_mailbox,
        lambda cupi, directory, userid: modify_mailbox(cupi, directory, userid, {"PIN": "4711"}),
    ],
)
def test_a_mailbox_that_is_no_persons_is_not_changed(
    wire: Wire, directory: Any, code: str, said: str, change: Callable[..., Outcome]
) -> None:
    finds(wire, ADMINISTRATOR, alias="kim")
    failure = failure_of(change, client(), directory, "kim")
    assert failure.code == code
    assert said in failure.message
    assert "force=true" in failure.message


def test_it_is_changed_where_the_directory_has_the_user_or_it_is_forced(wire: Wire) -> None:
    mailbox = {**LEE, "LdapType": ""}
    for directory, forced in ((People(), False), (NOBODY, True)):
        finds(wire, mailbox)
        wire.delete(f"{URL}/{MAILBOX}", status=204)
        done = delete_mailbox(client(), directory, "lee", forced)  # type: ignore[arg-type]
        assert done.response == {"User": mailbox}


# Imports.


@pytest.mark.parametrize(
    ("of_ldap", "of_directory", "asked", "extension"),
    [
        ("+1 408 555 0101", "6110", "", "14085550101"),
        ("", "61 10", "", "6110"),
        ("", "", "", ""),
        ("6110", "6111", "7000", "7000"),
    ],
)
def test_the_extension_is_the_telephone_number_unless_another_is_asked_for(
    wire: Wire, of_ldap: str, of_directory: str, asked: str, extension: str
) -> None:
    has_person(wire, **({"phoneNumber": of_ldap} if of_ldap else {}))
    imports(wire, extension)
    arguments = {"DtmfAccessId": asked} if asked else {}
    made = import_lee(People(of_directory), **arguments)
    assert made.response == ID
    assert made.message.endswith(f"POST {IMPORT}: created {ID}.")


def test_a_directory_that_does_not_answer_stops_an_import_that_needs_it(wire: Wire) -> None:
    has_person(wire)
    failure = failure_of(import_lee, People(reason=Reason.UNREACHABLE))
    assert failure.code == "cucm_unreachable"
    assert "send DtmfAccessId" in failure.message


def test_what_is_asked_for_is_set_after_the_import(wire: Wire) -> None:
    has_person(wire, phoneNumber="6110")
    lists(wire, "authenticationrules", "", "AuthenticationRule",
          {"ObjectId": ID, "MinLength": "6"}, {"ObjectId": OTHER_ID, "MinLength": "3"})
    imports(wire, "6110", template="boss")
    reads(wire, PIN, PIN_STATE)
    takes(wire, PIN, {"Credentials": "007"})
    takes(wire, MAILBOX, {"ListInDirectory": "false", "IsVmEnrolled": "true"})
    settings = {"ListInDirectory": "false", "IsVmEnrolled": "true"}
    made = import_lee(templateAlias="boss", PIN="007", **settings)
    assert made.message.endswith(" With it: PIN, ListInDirectory, IsVmEnrolled.")


def test_a_pin_that_is_shorter_than_all_rules_ask_for_is_refused_before(wire: Wire) -> None:
    has_person(wire)
    lists(wire, "authenticationrules", "", "AuthenticationRule",
          {"ObjectId": ID, "MinLength": "6"}, {"ObjectId": OTHER_ID, "MinLength": "4"})
    failure = failure_of(import_lee, PIN="007")
    assert failure.code == "pin_refused"
    assert "at least 4 digits" in failure.message
    assert sent(wire) == []


@pytest.mark.parametrize(
    ("status", "body"), [(404, ""), (400, REFUSED), (200, {"@total": "0"})]
)
def test_where_no_rules_are_told_the_pin_is_left_to_the_server(
    wire: Wire, status: int, body: Any
) -> None:
    finds(wire, LEE)
    wire.get(f"{URL}/authenticationrules", status=status, json=body)
    reads(wire, PIN, PIN_STATE)
    takes(wire, PIN, {"Credentials": "1"})
    assert modify_mailbox(client(), NOBODY, "lee", {"PIN": "1"})


def test_a_user_who_is_not_there_to_be_imported_has_a_mailbox_or_is_unknown(wire: Wire) -> None:
    for found, code in (([KIM, LEE], "mailbox_exists"), ([KIM], "no_ldap_user")):
        lists(wire, IMPORT, "(alias is lee)", "ImportUser", {**PERSON, "alias": "kim"})
        lists(wire, "users", "(alias is lee)", "User", *found)
        assert failure_of(import_lee).code == code


def test_a_pin_that_is_refused_undoes_the_import(wire: Wire) -> None:
    has_person(wire)
    lists(wire, "authenticationrules", "", "AuthenticationRule")
    imports(wire)
    reads(wire, PIN, PIN_STATE)
    takes(wire, PIN, {"Credentials": "1234"}, 400)
    wire.delete(f"{URL}/{MAILBOX}", status=204)
    failure = failure_of(import_lee, PIN="1234")
    assert (failure.code, failure.failure_codes) == ("pin_refused", ("NOT_HAPPY",))
    assert failure.message.endswith("the mailbox was deleted again, and nothing is left.")


def test_where_it_can_not_be_undone_it_is_said_what_stands_there(wire: Wire) -> None:
    has_person(wire)
    imports(wire)
    takes(wire, MAILBOX, {"ListInDirectory": "true"}, 400)
    for _ in range(2):
        wire.delete(f"{URL}/{MAILBOX}", status=400, json=REFUSED)
    failure = failure_of(import_lee, ListInDirectory="true")
    assert f"The mailbox {ID} stands there without it" in failure.message


# Imports that are not confirmed.


def test_an_import_whose_answer_is_lost_is_looked_up(wire: Wire) -> None:
    has_person(wire, phoneNumber="6110")
    imports(wire, "6110", is_lost=True)
    finds(wire, LEE)
    made = import_lee()
    assert made == Outcome(
        f"Unity Connection did not confirm it, but the mailbox is there, as asked for: {ID}.", ID
    )


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ([], "The portal has looked: the user has no mailbox now."),
        ([{**LEE, "DtmfAccessId": "7000"}], "it is not as asked for."),
        ([{**LEE, "LdapCcmPkid": OTHER_ID}], "it is not as asked for."),
    ],
)
def test_what_the_look_up_of_a_lost_import_finds_is_said(
    wire: Wire, found: list[dict[str, str]], seen: str
) -> None:
    has_person(wire, phoneNumber="6110")
    imports(wire, "6110", is_lost=True)
    finds(wire, *found)
    failure = failure_of(import_lee)
    assert failure.code == "cuc_answer_lost"
    assert "may have been made all the same" in failure.message
    assert failure.message.endswith(seen)
    assert sent(wire) == [f"POST /{IMPORT}"]


def test_a_look_up_without_success_is_said(wire: Wire) -> None:
    has_person(wire)
    imports(wire, is_lost=True)
    wire.get(f"{URL}/users", status=500)
    failure = failure_of(import_lee)
    assert failure.code == "cuc_answer_lost"
    assert "The portal has looked: without success. Unity Connection at" in failure.message


def test_an_import_that_is_answered_with_busy_is_looked_up_before_it_is_sent_again(
    wire: Wire, no_pauses: list[float]
) -> None:
    has_person(wire)
    for _ in range(2):
        refuses(wire, 503)
        finds(wire)
    imports(wire)
    assert import_lee().response == ID
    assert no_pauses == [0.1, 0.3]


def test_an_import_that_was_made_though_busy_is_not_sent_again(wire: Wire) -> None:
    has_person(wire)
    refuses(wire, 503)
    finds(wire, LEE)
    assert "did not confirm it, but the mailbox is there" in import_lee().message
    assert sent(wire) == [f"POST /{IMPORT}"]


def test_an_import_that_stays_busy_ends(wire: Wire, no_pauses: list[float]) -> None:
    has_person(wire)
    for _ in range(4):
        refuses(wire, 503)
        finds(wire)
    assert failure_of(import_lee).code == "cuc_busy"
    assert len(no_pauses) == 3


def test_a_refusal_after_busy_may_come_of_the_first_attempt(wire: Wire) -> None:
    has_person(wire)
    refuses(wire, 503)
    finds(wire)
    refuses(wire)
    lists(wire, "usertemplates", "", "UserTemplate", {"ObjectId": ID, "Alias": TEMPLATE})
    finds(wire, LEE)
    assert "did not confirm it, but the mailbox is there" in import_lee().message


def test_of_a_mailbox_that_another_has_made_meanwhile_it_is_said(wire: Wire) -> None:
    has_person(wire)
    refuses(wire)
    lists(wire, "usertemplates", "", "UserTemplate", {"ObjectId": ID, "Alias": TEMPLATE})
    finds(wire, LEE)
    failure = failure_of(import_lee)
    assert (failure.code, failure.failure_codes) == ("mailbox_exists", ("NOT_HAPPY",))
    assert f'The user has the mailbox "lee" ({ID}) already.' in failure.message


# What is refused, and why.


def test_a_template_that_there_is_not_is_told_with_those_that_there_are(wire: Wire) -> None:
    has_person(wire)
    refuses(wire, 404)
    lists(wire, "usertemplates", "", "UserTemplate",
          {"ObjectId": ID, "Alias": "a"}, {"ObjectId": OTHER_ID, "Alias": "b"})
    finds(wire)
    failure = failure_of(import_lee, templateAlias="c")
    assert (failure.code, failure.failure_codes) == ("no_such_template", ("NOT_HAPPY",))
    assert failure.message.endswith('There is no user template "c". There are these: a, b.')


def test_an_extension_that_is_taken_is_told_with_whose_it_is(wire: Wire) -> None:
    has_person(wire)
    refuses(wire)
    lists(wire, "usertemplates", "", "UserTemplate", {"ObjectId": ID, "Alias": TEMPLATE.upper()})
    lists(wire, "users", "(DtmfAccessId is 6111)", "User", KIM)
    finds(wire)
    failure = failure_of(import_lee, DtmfAccessId="6111")
    assert failure.code == "extension_taken"
    assert f'is taken: the mailbox "kim" ({OTHER_ID}) has it already.' in failure.message


def test_the_own_extension_is_not_taken(wire: Wire) -> None:
    finds(wire, LEE)
    takes(wire, MAILBOX, {"DtmfAccessId": "6110"}, 400)
    lists(wire, "users", "(DtmfAccessId is 6110)", "User", LEE)
    failure = failure_of(modify_mailbox, client(), NOBODY, "lee", {"DtmfAccessId": "6110"})
    assert failure.code == "cuc_refused"


def test_a_refusal_that_can_not_be_looked_into_is_told_so(wire: Wire) -> None:
    finds(wire, LEE)
    takes(wire, MAILBOX, {"DtmfAccessId": "1"}, 400)
    wire.get(f"{URL}/users", status=500)
    failure = failure_of(modify_mailbox, client(), NOBODY, "lee", {"DtmfAccessId": "1"})
    assert (failure.code, failure.failure_codes) == ("cuc_refused", ("NOT_HAPPY",))
    assert "The portal has looked why, without success." in failure.message


# Changes.


@pytest.mark.parametrize("arguments", [{}, {"ResetMailbox": "false"}])
def test_nothing_is_nothing_to_change(arguments: dict[str, str]) -> None:
    failure = failure_of(modify_mailbox, client(), NOBODY, "lee", arguments)
    assert failure.code == "nothing_to_change"


@pytest.mark.parametrize(
    ("arguments", "credential", "said"),
    [
        ({"PIN": "0042"}, {"Credentials": "0042"}, "PIN"),
        ({"ResetMailbox": "true"}, {"HackCount": "0", "TimeHacked": ""}, "lock"),
        ({"PIN": "0042", "ResetMailbox": "true"},
         {"Credentials": "0042", "HackCount": "0", "TimeHacked": ""}, "PIN, lock"),
    ],
)
def test_a_pin_and_the_end_of_a_lock_go_out_together(
    wire: Wire, arguments: dict[str, str], credential: dict[str, str], said: str
) -> None:
    finds(wire, LEE)
    if "PIN" in arguments:
        lists(wire, "authenticationrules", "", "AuthenticationRule")
    reads(wire, PIN, PIN_STATE)
    takes(wire, PIN, credential)
    done = modify_mailbox(client(), NOBODY, "lee", arguments)
    assert done.message.endswith(f'changed the mailbox "lee" ({ID}): {said}.')
    assert done.response == ""
    assert "0042" not in done.message


def test_what_was_changed_before_a_failure_is_said(wire: Wire) -> None:
    finds(wire, LEE)
    reads(wire, PIN, PIN_STATE)
    takes(wire, PIN, {"HackCount": "0", "TimeHacked": ""})
    takes(wire, MAILBOX, {"ListInDirectory": "true"}, 400)
    arguments = {"ResetMailbox": "true", "ListInDirectory": "true"}
    failure = failure_of(modify_mailbox, client(), NOBODY, "lee", arguments)
    assert failure.message.endswith("Changed before that: lock.")


def loses(wire: Wire, method: str, path: str) -> None:
    wire.add(method, f"{URL}/{path}", body=requests.ConnectionError())


def test_a_pin_whose_answer_is_lost_is_seen_by_when_it_was_changed(wire: Wire) -> None:
    finds(wire, LEE)
    lists(wire, "authenticationrules", "", "AuthenticationRule")
    reads(wire, PIN, PIN_STATE)
    loses(wire, "PUT", PIN)
    reads(wire, PIN, LATER)
    assert modify_mailbox(client(), NOBODY, "lee", {"PIN": "4711"})
    assert sent(wire) == [f"PUT /{PIN}"]


def test_a_change_that_is_not_there_is_sent_again_once(wire: Wire) -> None:
    finds(wire, LEE)
    loses(wire, "PUT", MAILBOX)
    reads(wire, MAILBOX, LEE)
    takes(wire, MAILBOX, {"ListInDirectory": "false"})
    assert modify_mailbox(client(), NOBODY, "lee", {"ListInDirectory": "false"})


def test_a_deletion_whose_answer_is_lost_is_looked_up(wire: Wire) -> None:
    finds(wire, LEE)
    loses(wire, "DELETE", MAILBOX)
    wire.get(f"{URL}/{MAILBOX}", status=404)
    gone = delete_mailbox(client(), NOBODY, "lee")
    assert gone.message == (
        f'Unity Connection did not confirm it, but the mailbox "lee" ({ID}) is gone.'
    )
    assert gone.response == {"User": LEE}


# Dry runs.


def test_a_dry_run_of_an_import_says_what_would_be_sent(wire: Wire) -> None:
    has_person(wire, phoneNumber="6110")
    lists(wire, "authenticationrules", "", "AuthenticationRule")
    lists(wire, "usertemplates", "", "UserTemplate", {"ObjectId": ID, "Alias": TEMPLATE})
    lists(wire, "users", "(DtmfAccessId is 6110)", "User")
    arguments = {"PIN": "0042", "ListInDirectory": "false"}
    tried = dry_run(
        DryCUPI(client()), lambda cupi: import_mailbox(cupi, NOBODY, "lee", arguments)
    )
    assert tried == Outcome(
        "Dry run: nothing was changed. This would be sent to Unity Connection: POST "
        f"{IMPORT} (templateAlias={TEMPLATE}, pkid={PKID}, dtmfAccessId=6110); PUT "
        "users/ID/credential/pin (Credentials=…); PUT users/ID (ListInDirectory=false).",
        "",
    )
    assert sent(wire) == []


@pytest.mark.parametrize(
    ("templates", "holder", "code"),
    [(["x"], [], "no_such_template"), ([TEMPLATE], [KIM], "extension_taken")],
)
def test_a_dry_run_foresees_what_would_be_refused(
    wire: Wire, templates: list[str], holder: list[dict[str, str]], code: str
) -> None:
    has_person(wire, phoneNumber="6111")
    lists(wire, "usertemplates", "", "UserTemplate",
          *({"ObjectId": ID, "Alias": alias} for alias in templates))
    if code == "extension_taken":
        lists(wire, "users", "(DtmfAccessId is 6111)", "User", *holder)
    dry = DryCUPI(client())
    failure = failure_of(dry_run, dry, lambda cupi: import_mailbox(cupi, NOBODY, "lee", {}))
    assert failure.code == code
    assert failure.message.startswith("Dry run: nothing was changed. The request would fail with:")


def test_a_dry_run_of_a_change_or_a_deletion_sends_nothing(wire: Wire) -> None:
    changes: list[Callable[[Any], Outcome]] = [
        lambda cupi: modify_mailbox(cupi, NOBODY, "lee", {"ListInDirectory": "false"}),
        lambda cupi: delete_mailbox(cupi, NOBODY, "lee"),
    ]
    for change in changes:
        finds(wire, LEE)
        tried = dry_run(DryCUPI(client()), change)
        assert f"users/{ID}" in tried.message
    assert tried.response == {"User": LEE}
    assert sent(wire) == []


@pytest.mark.parametrize("http_method", ["POST", "PUT", "DELETE"])
def test_nothing_gets_out_of_a_dry_run_whatever_way_it_takes(http_method: str) -> None:
    with pytest.raises(ValueError, match=f"does not send {http_method} users"):
        DryCUPI(client())._send_request("users", http_method=http_method)


# The record.


def test_each_change_is_on_record_before_and_after_without_the_pin(wire: Wire) -> None:
    lines: list[Any] = []
    has_person(wire, phoneNumber="6110")
    lists(wire, "authenticationrules", "", "AuthenticationRule")
    imports(wire, "6110")
    reads(wire, PIN, PIN_STATE)
    takes(wire, PIN, {"Credentials": "0042"})
    audited = AuditedCUPI(client(), "lee", lines.append)
    import_mailbox(audited, NOBODY, "lee", {"PIN": "0042"})
    told = [
        (line["call"], line["mailbox"], line["outcome"], line["before"], line["after"])
        for line in lines
    ]
    created = {"templateAlias": TEMPLATE, "pkid": PKID, "dtmfAccessId": "6110"}
    pin = (f"PUT {PIN}", ID)
    values = ({"Credentials": ""}, {"Credentials": "******"})
    assert told == [
        (f"POST {IMPORT}", "", "begun", {}, created),
        (f"POST {IMPORT}", ID, "done", {}, created),
        (*pin, "begun", *values),
        (*pin, "done", *values),
    ]
    assert "0042" not in str(lines)


def outcomes(lines: list[Any]) -> list[str]:
    return [line["outcome"] for line in lines]


def test_what_was_there_before_a_change_is_on_record(wire: Wire) -> None:
    lines: list[Any] = []
    finds(wire, LEE)
    takes(wire, MAILBOX, {"ListInDirectory": "false"})
    audited = AuditedCUPI(client(), "lee", lines.append)
    modify_mailbox(audited, NOBODY, "lee", {"ListInDirectory": "false"})
    assert lines[-1]["before"] == {"ListInDirectory": "true"}
    assert lines[-1]["after"] == {"ListInDirectory": "false"}


def test_a_lost_answer_is_on_record_and_what_is_seen_since_too(wire: Wire) -> None:
    lines: list[Any] = []
    audited = AuditedCUPI(client(), "lee", lines.append)
    has_person(wire, phoneNumber="6110")
    imports(wire, "6110", is_lost=True)
    finds(wire, LEE)
    import_mailbox(audited, NOBODY, "lee", {})
    assert outcomes(lines) == ["begun", "unknown", "seen"]
    assert lines[-1]["mailbox"] == ID
    finds(wire, LEE)
    loses(wire, "DELETE", MAILBOX)
    wire.get(f"{URL}/{MAILBOX}", status=404)
    delete_mailbox(audited, NOBODY, "lee")
    assert outcomes(lines)[3:] == ["begun", "unknown", "seen"]
    assert lines[-1]["before"] == LEE


def test_a_pin_that_is_seen_to_be_changed_is_on_record_so(wire: Wire) -> None:
    lines: list[Any] = []
    finds(wire, LEE)
    lists(wire, "authenticationrules", "", "AuthenticationRule")
    reads(wire, PIN, PIN_STATE)
    loses(wire, "PUT", PIN)
    reads(wire, PIN, LATER)
    audited = AuditedCUPI(client(), "lee", lines.append)
    modify_mailbox(audited, NOBODY, "lee", {"PIN": "4711"})
    assert outcomes(lines) == ["begun", "unknown", "seen"]


def test_a_refusal_is_on_record_with_its_code(wire: Wire) -> None:
    lines: list[Any] = []
    finds(wire, LEE)
    reads(wire, PIN, PIN_STATE)
    takes(wire, PIN, {"HackCount": "0", "TimeHacked": ""}, 400)
    audited = AuditedCUPI(client(), "lee", lines.append)
    failure_of(modify_mailbox, audited, NOBODY, "lee", {"ResetMailbox": "true"})
    assert (outcomes(lines), lines[-1]["code"]) == (["begun", "failed"], "cuc_refused")


def test_without_a_record_nothing_is_sent(wire: Wire) -> None:
    def note(line: Any) -> None:
        raise Failure(Reason.AUDIT_UNAVAILABLE, "No room.")

    finds(wire, LEE)
    audited = AuditedCUPI(client(), "lee", note)
    assert failure_of(delete_mailbox, audited, NOBODY, "lee").code == "audit_unavailable"
    assert sent(wire) == []


# Who can be imported.


def test_the_users_of_ldap_are_a_page_however_many_the_server_answers_at_a_time(
    wire: Wire,
) -> None:
    people = [{"pkid": str(number), "alias": f"lee{number}"} for number in range(10, 15)]
    for offset, limit, page in ((10, 4, people[:3]), (13, 1, people[3:4])):
        asked = {"query": "(alias startswith lee)", "offset": str(offset), "limit": str(limit)}
        wire.get(
            f"{URL}/{IMPORT}", json={"@total": "15", "ImportUser": page},
            match=[matchers.query_param_matcher(asked)],
        )
    found = page_of_ldap_users(client(), "lee", 10, 4)
    assert found.response == {"total": 15, "ldapUsers": people[:4]}


def test_all_of_them_are_listed_without_a_search(wire: Wire) -> None:
    wire.get(f"{URL}/{IMPORT}", json={}, match=[
        matchers.query_param_matcher({"offset": "0", "limit": "50"})
    ])
    assert page_of_ldap_users(client(), "", 0, 50).response == {"total": 0, "ldapUsers": []}
