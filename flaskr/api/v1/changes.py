"""Changes of what servers keep: made on record, or only tried."""

from collections.abc import Callable
from typing import Any

from flask import request

from flaskr.access.audit import NoteLine, note_of_request
from flaskr.access.roles import check_change
from flaskr.api.v1.docs.fields import DRY_RUN, FORCE
from flaskr.api.v1.parsers import Arguments
from flaskr.provisioning.withheld import DryClient, dry_run
from flaskr.result import Outcome, ResponseDictionary, succeeded


def answer_of_change(
    change: Callable[[Any], Outcome],
    sent: Arguments,
    dry: Callable[[], DryClient],
    audited: Callable[[str, NoteLine], object],
) -> ResponseDictionary:
    """Make a change, on record, and answer what came of it; of a dry run, what would come of it.

    `dry` and `audited` make the clients of its server for that, the second of a user ID and what
    takes the lines of the record.
    """
    is_dry = sent.has(DRY_RUN.name)
    check_change(is_dry, sent.has(FORCE.name))
    if is_dry:
        return succeeded(dry_run(dry(), change))
    userid = (request.view_args or {})["userid"]
    return succeeded(change(audited(userid, note_of_request())))
