"""The operations on many users, documented for the Swagger page, and what they take."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flaskr.access.roles import KeyRole
from flaskr.api.v1.docs import models
from flaskr.api.v1.docs.fields import DRY_RUN
from flaskr.api.v1.docs.operations import operation
from flaskr.api.v1.streams import CSV, FORMS, NDJSON
from flaskr.fields import SettableField
from flaskr.provisioning.company import Leavers
from flaskr.provisioning.lists import MOST_OF_A_PAGE, USUAL_PAGE

_MOST_ENTRIES = 1_000_000


class TextBody(NamedTuple):
    """A body that is text, in words, and one of the kind that has nothing in it."""

    description: str
    nothing: str


def _number(least: int, most: int) -> Callable[[str], str | None]:
    def refuse(value: str) -> str | None:
        is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(most))
        is_fine = is_number and least <= int(value) <= most
        return None if is_fine else f"takes a whole number from {least} to {most}"

    return refuse


_FILTER = SettableField(
    "filter", "What to look for.", "lee",
    help="A text that the name or a URI of the Spaces has in it, such as `lee`.",
    default_in_words="all",
)
_USER_FILTER = SettableField(
    "filter", "What to look for.", "lee",
    help="A user ID, or the beginning of a name or telephone number, such as `lee`.",
    default_in_words="all",
)
_DEPARTMENT = SettableField(
    "department", "A department.", "Lab",
    help="A department, as the directory spells it, such as `Lab`.", default_in_words="all",
)
OFFSET = SettableField(
    "offset", "Where the page begins.", "0",
    help="How many entries stand before the page, such as `0`.",
    refuse=_number(0, _MOST_ENTRIES), default="0", default_in_words="`0`",
)
LIMIT = SettableField(
    "limit", "How many entries the page has.", "50",
    help=f"How many entries the page has at most, such as `50`: up to {MOST_OF_A_PAGE}.",
    refuse=_number(1, MOST_OF_A_PAGE), default=str(USUAL_PAGE), default_in_words=f"`{USUAL_PAGE}`",
)
_USERS = SettableField(
    "users", "User IDs.", "lee",
    help="User IDs, with commas, semicolons or line ends between them, such as `lee`.",
)
_EVERYONE = SettableField(
    "everyone", "Whether to plan for all users of the directory.", "true",
    help="Whether to plan for all users of the directory, or of the department, such as `true`.",
    choices=("true", "false"), json_types=(bool,), default="false", default_in_words="`false`",
)
_LEAVERS = SettableField(
    "leavers", "What to do with the Spaces of users who have left.", "quarantine",
    help="What to do with the Spaces of users who have left the directory, such as `quarantine` "
    "(nobody joins but members), `remove`, or `leave`.",
    choices=tuple(each.value for each in Leavers), default="leave", default_in_words="`leave`",
)
_DEEP = SettableField(
    "deep", "Whether to read each Space.", "true",
    help="Whether to read each Space too, and to plan what a repair would add, such as `true`: "
    "some calls for each.",
    choices=("true", "false"), json_types=(bool,), default="false", default_in_words="`false`",
)
_REMOVALS = SettableField(
    "removals", "How many Spaces are to be removed.", "12",
    help="How many Spaces the plan removes, such as `12`: where that is more than "
    "`PORTAL_MAX_REMOVALS`, it has to be said.",
    refuse=_number(0, _MOST_ENTRIES), json_types=(int,),
    default_in_words="no more than `PORTAL_MAX_REMOVALS`",
)
SPACE_LIST_FIELDS = {field.name: field for field in (_FILTER, OFFSET, LIMIT)}
USER_LIST_FIELDS = {field.name: field for field in (_USER_FILTER, _DEPARTMENT, OFFSET, LIMIT)}
PLAN_OPTIONS = {field.name: field for field in (_EVERYONE, _DEPARTMENT, _LEAVERS, _DEEP)}
PLAN_FIELDS = {_USERS.name: _USERS, **PLAN_OPTIONS}
APPLY_OPTIONS = {_REMOVALS.name: _REMOVALS, DRY_RUN.name: DRY_RUN}
# The body, as the Swagger page has it.
APPLY_ROWS = {
    "rows": {
        "in": "body",
        "description": "The rows of a plan, such as `[{\"userid\": \"lee\", …}]`.",
        "schema": {"type": "array", "items": {"$ref": f"#/definitions/{models.row.name}"}},
    }
}
# What OpenAPI 2 can't say of bodies, by operation: arguments that are lists in JSON, and bodies of
# other kinds, in words.
LISTS_IN_JSON: Mapping[str, Mapping[str, Any]] = {
    "plan": {
        _USERS.name: {
            "type": "array",
            "description": "User IDs, or objects: `userid`, and arguments of a Space, such as "
            "`[\"pod6user1\", {\"userid\": \"pod6user2\", \"name\": \"Sales\"}]`.",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {
                        "type": "object",
                        "properties": {"userid": {"type": "string"}},
                        "required": ["userid"],
                    },
                ],
            },
        },
    },
}
OTHER_BODIES: Mapping[str, Mapping[str, TextBody]] = {
    "plan": {
        CSV: TextBody(
            "A column `userid`, and any columns of arguments; or one user ID a line. The options "
            "stand in the query then.",
            "userid\n",
        ),
    },
    "apply": {
        NDJSON: TextBody(
            "The rows of a plan, a line of JSON each, as *POST /cms/plan* answers them.",
            '{"complete": true, "counts": {}}\n',
        ),
        CSV: TextBody(
            "The rows of a plan as a table, as *POST /cms/plan* answers them.", "userid,action\n"
        ),
    },
}


def place(asked: Mapping[str, str]) -> tuple[int, int]:
    """Return where a page begins, and how many entries it has at most."""
    return int(asked.get("offset") or 0), int(asked.get("limit") or USUAL_PAGE)


_FORMS_OF_LISTS = (
    "With `Accept: application/x-ndjson` or `Accept: text/csv` it is all of them, sent as they are "
    "read. NDJSON ends with `{\"complete\": true, …}`; what was cut has no such end."
)
_READING = (400, 401, 403, 409, 502, 503, 504)
_PLANNING = (400, 401, 403, 409, 413, 415, 502, 503, 504)
_OTHER_KIND = "The body is of another kind than the address takes; the message names those."
_LIST_WRONG = {400: "The filter, the offset or the limit is not as it must be."}

LIST_SPACES = {
    **operation(
        "listSpaces",
        f"Lists the Spaces of the CMS (`GET coSpaces`), without passcodes. {_FORMS_OF_LISTS}",
        ("The Spaces.", models.space_list_answer),
        _READING,
        _LIST_WRONG,
        role=KeyRole.READER,
    ),
    "produces": list(FORMS),
}
LIST_USERS = {
    **operation(
        "listUsers",
        "Lists the users of the directory (in UDS, `GET users`, where the portal has to look "
        f"for a department itself, in all of them). {_FORMS_OF_LISTS}",
        ("The users.", models.user_list_answer),
        (400, 401, 403, 502, 503, 504),
        _LIST_WRONG,
        servers="The directory",
        role=KeyRole.READER,
    ),
    "produces": list(FORMS),
}
RETRIEVE_USER = operation(
    "retrieveUser",
    "Asks the directory about a user (in UDS, `GET users?username=…`).",
    ("The user.", models.user_answer),
    (400, 401, 403, 404, 409, 502, 503, 504),
    {400: "The user ID is not as it must be.", 404: "The directory has no such user.",
     409: "Several users of an LDAP directory have this ID."},
    servers="The directory",
    role=KeyRole.READER,
)
PLAN = {
    **operation(
        "plan",
        "Reads the directory (in UDS, `GET users`) and the list of Spaces (`GET coSpaces`), both "
        "whole, and answers what is to be done so that each user has the Space that the template "
        "says: a row for each. Nothing is changed.\n\n"
        "Send user IDs (a form, a JSON list, or CSV with a column `userid` and any columns of "
        "arguments), or `everyone`. In a CSV file, a blank cell says nothing, and `none` is an "
        "empty value.\n\n"
        "`action` is `create`, `modify` (from the values in `before` to those in `after`), "
        "`remove`, `keep` or `refuse`; `message` says why. The plan is yours: look at it, take "
        "rows out, and send it to *POST /cms/apply*.\n\n"
        "```sh\ncurl -H 'Content-Type: text/csv' -H 'Accept: text/csv' --data-binary @users.csv "
        "http://127.0.0.1:5000/api/v1/cms/plan\n```",
        ("The plan.", models.plan_answer),
        _PLANNING,
        {400: "The list or an option is not as it must be.",
         413: "The body is larger than 32 MiB.", 415: _OTHER_KIND},
        servers="CMS or the directory",
        role=KeyRole.READER,
    ),
    "produces": list(FORMS),
}
APPLY = {
    **operation(
        "apply",
        "Carries out the rows of a plan (`POST coSpaces`, `PUT` and `DELETE coSpaces/ID`). The "
        "rows are JSON, NDJSON or CSV, as *POST /cms/plan* answers them; they are done "
        "`PORTAL_CMS_PARALLEL` at a time, and answers what came of each as it comes: `done`, "
        "`unchanged` (it was so already), `stale` (the Space is not as it was planned for, and was "
        "left alone) or `failed`. Sent again, it does nothing more.\n\n"
        "Who goes away stops it, after the rows in work. The end says whether all rows were done: "
        "`complete` is `false` where CMS was down, or stayed busy.",
        ("What came of each row.", models.apply_answer),
        _PLANNING,
        {400: "A row or an option is not as it must be. Nothing was done.",
         409: "More Spaces would be removed than may be at once. Nothing was done.",
         413: "The body is larger than 32 MiB.", 415: _OTHER_KIND},
        servers="CMS or the directory",
    ),
    "produces": list(FORMS),
}
