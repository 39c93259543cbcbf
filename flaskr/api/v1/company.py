"""Many users at once: the list of Spaces, a plan, and its application."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

from flask import Response, current_app, request
from flask_restx import Resource

from flaskr.access.audit import note_of_request
from flaskr.access.roles import caller, check_change
from flaskr.api.v1.cms import api, myCMS, myDirectory, myTemplate
from flaskr.api.v1.docs import bulk
from flaskr.api.v1.docs.fields import DRY_RUN, new_fields, query_options
from flaskr.api.v1.parsers import FORM, JSON, Sent, arguments, options_and_list
from flaskr.api.v1.streams import CSV, NDJSON, accepted_form, failure_in_stream, streamed
from flaskr.cms.v1.spaces import SETTABLE_FIELDS
from flaskr.notifications.notifications import Notifications
from flaskr.provisioning.apply import Limit, apply_rows, check_removals
from flaskr.provisioning.company import Leavers, Order, plan_company
from flaskr.provisioning.lists import SPACE_COLUMNS, list_spaces, page_of_spaces
from flaskr.provisioning.plan_file import (
    OF_OUTCOMES,
    columns,
    fields_of,
    rows_of_csv,
    rows_of_json,
    rows_of_ndjson,
)
from flaskr.provisioning.rows import PlanRow
from flaskr.provisioning.userlist import UserList, read_csv, read_json, split
from flaskr.provisioning.written import Document, Report
from flaskr.result import ResponseDictionary, succeeded

Made = TypeVar("Made")


@api.route("/spaces")
class SpaceList(Resource):
    @api.doc(params=query_options(bulk.SPACE_LIST_FIELDS), **bulk.LIST_SPACES)
    def get(self) -> ResponseDictionary | Response:
        """List the Spaces of the CMS: a page, or all of them as NDJSON or CSV."""
        asked = arguments(bulk.SPACE_LIST_FIELDS).values
        text, form = asked.get("filter", ""), accepted_form()
        if form == JSON:
            return succeeded(page_of_spaces(myCMS, text, *bulk.place(asked)))
        report = Report("spaces", list_spaces(_real(myCMS), text), SPACE_COLUMNS, failure_in_stream)
        return streamed(report, form, _summary)


@api.route("/plan")
class CompanyPlan(Resource):
    @api.doc(params=new_fields(bulk.PLAN_FIELDS, {}), **bulk.PLAN)
    def post(self) -> Response:
        """Plan what is to be done for many users; nothing is changed."""
        order = _order(options_and_list(bulk.PLAN_OPTIONS, "users", (CSV,)))
        plan = plan_company(_real(myCMS), _real(myDirectory), _real(myTemplate), order)
        rows = (row.to_dict() for row in plan.rows)
        report = Report("rows", rows, columns(plan.fields), failure_in_stream, "action")
        return streamed(report, accepted_form(), _summary)


@api.route("/apply")
class Application(Resource):
    @api.doc(params={**query_options(bulk.APPLY_OPTIONS), **bulk.APPLY_ROWS}, **bulk.APPLY)
    def post(self) -> Response:
        """Carry out the rows of a plan, and answer what came of each as it comes."""
        sent = options_and_list(bulk.APPLY_OPTIONS, "rows", (CSV, NDJSON))
        is_dry = sent.options.has(DRY_RUN.name)
        check_change(is_dry)
        rows = _rows(sent)
        meant = sent.options.options.get("removals")
        limit = Limit.parse(current_app.config["PORTAL_MAX_REMOVALS"])
        check_removals(myCMS, rows, limit, int(meant) if meant else None)
        stopping: Callable[[], bool] = request.environ.get("front.stopping", lambda: False)
        clients = _real(myCMS), _real(myDirectory), _real(myTemplate)
        note = note_of_request(is_for_many=True)
        outcomes = apply_rows(*clients, rows, stopping, is_dry, note)
        found: Iterator[Document] = (outcome.to_dict() for outcome in outcomes)
        if not is_dry:
            notifications: Notifications = current_app.extensions["notifications"]
            found = notifications.of_apply(caller().name, found, len(rows))
        named = (*columns(fields_of(rows)), *OF_OUTCOMES)
        report = Report("rows", found, named, failure_in_stream, "outcome", len(rows))
        return streamed(report, accepted_form(), _summary, at_once=True)


def _real(proxy: Made) -> Made:
    """Return what a proxy stands for, for threads that no request belongs to."""
    return cast(Made, cast(Any, proxy)._get_current_object())


def _order(sent: Sent) -> Order:
    options = sent.options.options
    users = _users(sent)
    return Order(
        listed=users.listed,
        bad=users.bad,
        everyone=options.get("everyone") == "true",
        department=options.get("department", ""),
        leavers=Leavers(options.get("leavers") or Leavers.LEAVE),
        deep=options.get("deep") == "true",
    )


def _users(sent: Sent) -> UserList:
    if sent.document is None:
        return UserList([], [])
    if sent.kind == CSV:
        return read_csv(sent.document, SETTABLE_FIELDS)
    is_form = sent.kind == FORM
    return read_json(split(sent.document) if is_form else sent.document, SETTABLE_FIELDS)


def _rows(sent: Sent) -> list[PlanRow]:
    if sent.kind == CSV:
        return rows_of_csv(sent.document)
    return rows_of_ndjson(sent.document) if sent.kind == NDJSON else rows_of_json(sent.document)


def _summary(report: Report) -> Mapping[str, Any]:
    """Return what stands beside the rows in JSON."""
    if report.failure:
        details = dict(failure_in_stream(report.failure))
        return {"success": False, "message": details.pop("message"), "error": details}
    counts = ", ".join(f"{count} {kind}" for kind, count in report.counts.items())
    return {"success": True, "message": f"Rows: {counts or 'none'}."}
