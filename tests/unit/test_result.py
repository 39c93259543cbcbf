"""What comes of a request: one word a kind of failure, and the guide's dictionary at the edge."""

import pytest

from flaskr.result import OF_SERVERS, Failure, Outcome, Reason, as_dictionary, failed, succeeded


def test_the_word_of_a_servers_failure_begins_with_the_servers_name() -> None:
    assert Failure(Reason.UNREACHABLE, "It is down.", server="cms").code == "cms_unreachable"


def test_the_word_of_any_other_failure_is_its_reasons() -> None:
    assert Failure(Reason.URI_TAKEN, "It is taken.", ("duplicateCoSpaceUri",)).code == "uri_taken"


def test_a_failure_says_its_message_wherever_it_is_shown() -> None:
    failure = Failure(Reason.NO_SPACE, "There is no Space.")
    assert str(failure) == failure.message == "There is no Space."
    assert (failure.failure_codes, failure.server) == ((), "")


def test_each_reason_is_a_words_own() -> None:
    words = [reason.value for reason in Reason]
    assert sorted(words) == sorted(set(words))
    assert all(word == word.lower() and word.replace("_", "").isalpha() for word in words)


def test_the_reasons_of_a_server_are_those_that_the_caller_can_do_nothing_about() -> None:
    assert set(Reason) - OF_SERVERS == {
        Reason.BAD_PARAMETER,
        Reason.NOTHING_TO_CHANGE,
        Reason.PASSCODE_TOO_SHORT,
        Reason.NO_SUCH_USER,
        Reason.USER_DISABLED,
        Reason.NO_SPACE,
        Reason.NO_SUCH_OBJECT,
        Reason.URI_TAKEN,
        Reason.CALL_ID_TAKEN,
        Reason.PHONE_TAKEN,
        Reason.NOT_PERSONAL,
        Reason.LOSES_SPACE,
        Reason.TOO_MANY_REMOVALS,
        Reason.STOPPING,
        Reason.AUDIT_UNAVAILABLE,
        Reason.TEMPLATE_UNFIT,
        Reason.NO_CMS_USER,
        Reason.AMBIGUOUS_USER,
        Reason.NO_SUCH_MEMBER,
        Reason.MADE_BY_LDAP,
        Reason.NO_HOST,
        Reason.NO_ADDRESS,
        Reason.NOT_SET_UP,
        Reason.NO_MAILBOX,
        Reason.MAILBOX_EXISTS,
        Reason.NO_LDAP_USER,
        Reason.NO_SUCH_TEMPLATE,
        Reason.EXTENSION_TAKEN,
        Reason.PIN_REFUSED,
        Reason.NO_LDAP_DIRECTORY,
    }


def test_the_dictionary_of_a_success_has_what_the_request_was_made_for() -> None:
    expected = {"success": True, "message": "Done.", "response": {"a": "b"}}
    assert succeeded(Outcome("Done.", {"a": "b"})) == expected
    assert succeeded(Outcome("Done.")) == {"success": True, "message": "Done.", "response": ""}


def test_the_dictionary_of_a_failure_has_an_empty_response() -> None:
    assert failed("No.") == {"success": False, "message": "No.", "response": ""}


def divide(whole: int, by: int = 2) -> Outcome:
    """Divide."""
    if by == 7:
        raise Failure(Reason.BAD_PARAMETER, "Not by 7.", ("parameterError",), "cms")
    return Outcome("Divided.", whole // by)


def test_at_the_edge_a_function_returns_dictionaries() -> None:
    edge = as_dictionary(divide)
    assert edge(6) == {"success": True, "message": "Divided.", "response": 3}
    assert edge(6, by=3) == {"success": True, "message": "Divided.", "response": 2}
    assert edge(6, by=7) == {"success": False, "message": "Not by 7.", "response": ""}
    assert (edge.__name__, edge.__doc__) == ("divide", "Divide.")


def test_at_the_edge_a_mistake_of_the_programmer_stays_one() -> None:
    with pytest.raises(ZeroDivisionError):
        as_dictionary(divide)(6, by=0)
