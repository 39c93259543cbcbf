"""The rules that PINs and passwords are held to, as a Unity Connection lists them."""

from __future__ import annotations

from flaskr.pod.company import guid_for
from flaskr.pod.cuc.pins import RULE
from flaskr.pod.cuc.switches import CucSwitches

_COMMON = {
    "MinCharsToChange": "1", "MaxDays": "180", "MinDuration": "0", "MaxHacks": "3",
    "LockoutDuration": "30", "HackResetTime": "30", "ExpiryWarningDays": "0",
}


def authentication_rules(switches: CucSwitches) -> list[dict[str, str]]:
    """Return the rules: what the switches say for PINs, and one for passwords, which are none here.
    """
    for_pins = {
        "MinLength": str(switches.cuc_pin_length),
        "TrivialCredChecking": str(switches.cuc_pin_trivial_refused).lower(),
        "PrevCredCount": str(switches.cuc_pin_previous),
    }
    for_passwords = {"MinLength": "8", "TrivialCredChecking": "true", "PrevCredCount": "5"}
    return [
        _rule(RULE, "Recommended Voice Mail Authentication Rule", for_pins),
        _rule(
            guid_for("authentication rule for passwords"),
            "Recommended Web Application Authentication Rule", for_passwords,
        ),
    ]


def _rule(rule_id: str, name: str, values: dict[str, str]) -> dict[str, str]:
    place = f"/vmrest/authenticationrules/{rule_id}"
    return {"URI": place, "ObjectId": rule_id, "DisplayName": name, **_COMMON, **values}
