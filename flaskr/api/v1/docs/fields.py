"""The arguments of an operation, documented from the fields that they set."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flaskr.access import roles
from flaskr.fields import Fields, SettableField

FORCE = SettableField(
    roles.FORCE, "`true`: do it all the same.", "true",
    help="Whether to change a Space all the same that is no user's own, such as `true`.",
    choices=("true", "false"), json_types=(bool,),
    default="false", default_in_words="`false`",
)
FORCE_CREATION = replace(
    FORCE,
    help="Whether to create the Space all the same where the directory has no such user, or a "
    "disabled account, such as `true`.",
)
# What is sent empty by mistake must not be taken for a change that is meant.
DRY_RUN = SettableField(
    roles.DRY_RUN, "`true`: change nothing.", "true",
    help="Whether to change nothing, and to answer what would come of the request, such as "
    "`true`.",
    choices=("true", "false"), json_types=(bool,), may_be_empty=False,
    default="false", default_in_words="`false`",
)
# How to change what there is.
OPTIONS = {FORCE.name: FORCE, DRY_RUN.name: DRY_RUN}


def new_fields(fields: Fields, filled_in: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the documentation of a new object's arguments, for `api.doc`.

    `filled_in` says what some get where nothing is sent; the others get their default. The
    arguments are form fields: a passcode must not stand in a URL. Their examples stand in the text:
    what is marked as an example would be filled in on the page, and sent.
    """
    return {
        name: _form_field(
            field, f"{field.help} Left blank: {filled_in.get(name, field.default_in_words)}."
        )
        for name, field in fields.items()
    }


def changed_fields(fields: Fields, options: Fields) -> dict[str, dict[str, Any]]:
    """Return the same for the arguments that change an object, which may be sent empty.

    The options, which say how to change it, may not.
    """
    unset = {
        name: {
            **_form_field(field, field.help),
            **({"allowEmptyValue": True} if field.may_be_empty else {}),
        }
        for name, field in fields.items()
    }
    return {**unset, **new_fields(options, {})}


def required_fields(fields: Fields) -> dict[str, dict[str, Any]]:
    """Return the documentation of arguments that have to be sent, as form fields."""
    return {
        name: {**_form_field(field, field.help), "required": True}
        for name, field in fields.items()
    }


def query_options(options: Fields) -> dict[str, dict[str, Any]]:
    """Return the documentation of the options of an operation that takes no form."""
    return {
        name: {**_form_field(option, option.help), "in": "query"}
        for name, option in options.items()
    }


def query_fields(fields: Fields) -> dict[str, dict[str, Any]]:
    """Return the documentation of what a GET takes in the query."""
    return {
        name: {**_form_field(field, f"{field.help} Left blank: `{field.default}`."), "in": "query"}
        for name, field in fields.items()
    }


def _form_field(field: SettableField, text: str) -> dict[str, Any]:
    documented: dict[str, Any] = {"in": "formData", "type": "string", "description": text}
    return {**documented, "enum": list(field.choices)} if field.choices else documented
