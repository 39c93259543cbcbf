"""The arguments of an operation, documented from the fields that they set."""

from typing import Any

from flaskr.rest.v1.fields import Fields, SettableField


def new_fields(fields: Fields) -> dict[str, dict[str, Any]]:
    """Return the documentation of a new object's arguments, for `api.doc`.

    They are form fields: a passcode is no part of a URL. Their examples stand in the text: what is
    marked as an example would be filled in on the page, and sent.
    """
    return {
        name: _form_field(field, f"{field.help} Left blank: {field.without}.")
        for name, field in fields.items()
    }


def changed_fields(fields: Fields) -> dict[str, dict[str, Any]]:
    """Return the same for the arguments that change an object, which may be sent empty."""
    return {
        name: {**_form_field(field, field.help), "allowEmptyValue": True}
        for name, field in fields.items()
    }


def _form_field(field: SettableField, text: str) -> dict[str, Any]:
    documented: dict[str, Any] = {"in": "formData", "type": "string", "description": text}
    return {**documented, "enum": list(field.choices)} if field.choices else documented
