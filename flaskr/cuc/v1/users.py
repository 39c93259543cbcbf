"""The fields of a mailbox (`User` in CUPI): what each is, may be, and is called.

A mailbox that was imported from LDAP has most of its values from there; few are set here.
"""

from flaskr.fields import Field, SettableField

EXAMPLE_ID = "6f1c2f0e-7d0e-4b43-9a53-2c1a7f4a8a90"
USUAL_TEMPLATE = "voicemailusertemplate"  # which every Unity Connection has at its installation
FROM_LDAP = "3"  # the LdapType of what was imported
MAX_ALIAS_CHARACTERS = 64
_MAX_DIGITS = 40


def _refuse_digits(value: str) -> str | None:
    return None if value.isascii() and value.isdecimal() else "takes digits only"


def _refuse_extension(value: str) -> str | None:
    fine = value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS
    return None if fine else f"takes up to {_MAX_DIGITS} digits"


EXTENSION = SettableField(
    "DtmfAccessId", "The extension: the number that the mailbox is reached by.", "6110",
    help="The extension, such as `6110`: the number that the mailbox is reached by. No other "
    "mailbox may have it.",
    refuse=_refuse_extension, clean=str.strip, may_be_empty=False,
)
PIN = SettableField(
    "PIN", "The PIN for the telephone.", "482915",
    help="The PIN for the telephone, such as `482915`: digits, and as text where they are JSON, so "
    "that zeros in front stay. It must not stand in the address.",
    refuse=_refuse_digits, may_be_empty=False, body_only=True,
    default_in_words="as the template has it",
)
TEMPLATE = SettableField(
    "templateAlias", "The alias of the user template.", USUAL_TEMPLATE,
    help=f"The alias of the user template for all that LDAP does not say, such as "
    f"`{USUAL_TEMPLATE}`.",
    default=USUAL_TEMPLATE, default_in_words=f"`{USUAL_TEMPLATE}`", clean=str.strip,
    may_be_empty=False,
)
RESET = SettableField(
    "ResetMailbox", "Whether to unlock the mailbox.", "true",
    help="Whether to unlock the mailbox, such as `true`: wrong PINs that were entered are "
    "forgotten. A lock that an administrator has set stays.",
    choices=("true", "false"), json_types=(bool,), may_be_empty=False,
    default="false", default_in_words="`false`",
)
MAILBOX_SETTINGS = {
    field.name: field
    for field in (
        EXTENSION,
        SettableField(
            "ListInDirectory", "`true` or `false`: whether callers find the user by name.", "true",
            help="Whether callers find the user by name, in the telephone directory, such as "
            "`true`.",
            choices=("true", "false"), json_types=(bool,), may_be_empty=False,
            default_in_words="as the template has it",
        ),
        SettableField(
            "IsVmEnrolled", "`true` or `false`: whether the user has recorded name and greeting.",
            "true",
            help="Whether the user counts as enrolled, such as `true`; with `false`, the next call "
            "to the mailbox asks for name, greeting and PIN.",
            choices=("true", "false"), json_types=(bool,), may_be_empty=False,
            default_in_words="as the template has it",
        ),
    )
}
NEW_FIELDS = {TEMPLATE.name: TEMPLATE, PIN.name: PIN, **MAILBOX_SETTINGS}
CHANGED_FIELDS = {PIN.name: PIN, RESET.name: RESET, **MAILBOX_SETTINGS}
# What is known of a mailbox; Unity Connection answers many more, and leaves out what is not set.
MAILBOX_FIELDS = {
    field.name: field
    for field in (
        Field("ObjectId", "The mailbox's ID in Unity Connection, a GUID.", EXAMPLE_ID),
        Field("Alias", "The user ID.", "pod6user1"),
        Field("DisplayName", "The name that is shown.", "Pod6 User1"),
        Field("FirstName", "The first name.", "Pod6"),
        Field("LastName", "The last name.", "User1"),
        Field("DtmfAccessId", EXTENSION.meaning, "6110"),
        Field("EmailAddress", "The e-mail address.", "pod6user1@pod6.example"),
        Field("SmtpAddress", "The address of the mailbox itself.", "pod6user1@cuc.pod6.example"),
        Field("TimeZone", "The number of the time zone.", "4"),
        Field("CreationTime", "When it was made.", "2026-03-05T11:24:33Z"),
        Field("ListInDirectory", MAILBOX_SETTINGS["ListInDirectory"].meaning, "true"),
        Field("IsVmEnrolled", MAILBOX_SETTINGS["IsVmEnrolled"].meaning, "true"),
        Field("Inactive", "`true` where LDAP does not have the user any more.", "false"),
        Field("LdapType", f"`{FROM_LDAP}` where it was imported from LDAP.", FROM_LDAP),
        Field("LdapCcmUserId", "The user ID in LDAP.", "pod6user1"),
        Field("LdapCcmPkid", "The ID of the user in LDAP, as Unity Connection knows it.",
              EXAMPLE_ID),
        Field("LocationObjectId", "The ID of the location that it belongs to.", EXAMPLE_ID),
        Field("URI", "Where it is in CUPI.", f"/vmrest/users/{EXAMPLE_ID}"),
    )
}
# What is told of a PIN: all but the PIN.
PIN_FIELDS = {
    field.name: field
    for field in (
        Field("Locked", "`true` where an administrator has locked it.", "false"),
        Field("HackCount", "How many wrong PINs were entered since the last right one.", "0"),
        Field("TimeLastHack", "When the last wrong one was.", "2026-03-05 11:24:33.344"),
        Field("TimeLockout", "Until when it is locked because of these.",
              "2026-03-05 11:54:33.344"),
        Field("TimeChanged", "When the PIN was changed.", "2026-03-05 11:24:33.344"),
        Field("CredMustChange", "`true` where it must be changed at the next login.", "true"),
        Field("CantChange", "`true` where the user may not change it.", "false"),
        Field("DoesntExpire", "`true` where it stays valid for ever.", "false"),
    )
}
# What is known of a user whom LDAP has, and who has no mailbox yet.
LDAP_USER_FIELDS = {
    field.name: field
    for field in (
        Field("alias", "The user ID.", "pod6user1"),
        Field("firstName", "The first name.", "Pod6"),
        Field("lastName", "The last name.", "User1"),
        Field("phoneNumber", "The telephone number, where it is told.", "+14085550101"),
        Field("pkid", "The ID of the user in LDAP, as Unity Connection knows it.", EXAMPLE_ID),
    )
}
