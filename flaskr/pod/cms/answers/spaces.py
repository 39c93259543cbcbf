"""How Spaces are reached, and what people are told of it: entry details, invitations, queries.

Source: API description, 'meetingEntryDetail', 'Query Methods', 'Retrieving a User's coSpace
Associations'; clients in the field for emailInvitation.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode
from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.answers.invitation import invitation_text, subject
from flaskr.pod.cms.failures import CmsFailure, FailureElement, parameter_error
from flaskr.pod.cms.parameters import digits, reference, text, user_part
from flaskr.pod.cms.rules.members import MEMBERS
from flaskr.pod.cms.rules.names import URI_NAMES
from flaskr.pod.cms.views import Route, xml_answer
from flaskr.pod.database import Record
from flaskr.pod.lower_case import in_lower_case
from flaskr.pod.xml import add_text

METHODS = "coSpaces/*/accessMethods"


class Entrance(NamedTuple):
    """A way into a Space: the Space, and the access method unless it is the Space's own."""

    space: Record
    method: Record | None = None

    def value(self, name: str) -> str:
        """Return a value of the access method, or of the Space."""
        return (self.method or self.space).values.get(name, "")


class SpaceAnswers(Answers):
    """What is asked about Spaces, URIs and call IDs."""

    def routes(self) -> list[Route]:
        """Return what the nodes answer."""
        space = "/cospaces/<space_id>"
        invitation = f"{space}/accessmethods/<method_id>/emailinvitation"
        return [
            Route("GET", f"{space}/meetingentrydetail", self._entry_detail),
            Route("GET", invitation, self._invitation),
            Route("GET", "/users/<user_id>/usercospaces", self._spaces_of_user),
            Route("POST", "/accessquery", self._access),
            Route("POST", "/uriusagequery", self._uri_usage),
        ]

    def _entry_detail(self, space_id: str) -> Response:
        space = self.found("coSpaces", space_id)
        uri = space.values.get("uri", "")
        return _answer("meetingEntryDetail", {
            "coSpace": space.id,
            "uri": self._full(uri) if uri else "",
            "callId": space.values.get("callId", ""),
        })

    def _invitation(self, space_id: str, method_id: str) -> Response:
        if not self.switches.email_invitation:
            raise CmsFailure(FailureElement("unrecognizedObject"))
        space = self.found("coSpaces", space_id)
        method = self.found(METHODS, method_id)
        if method.values["coSpace"] != space.id:
            raise CmsFailure(FailureElement("accessMethodDoesNotExist"))
        language = self.query(text("language")).get("language", "")
        entrance = Entrance(space, method)
        name = space.values.get("name", "")
        told = {each: entrance.value(each) for each in ("callId", "passcode")}
        return _answer("emailInvitation", {
            "subject": subject(language, name),
            "invitation": invitation_text(language, name, {**self._ways(entrance), **told}),
        })

    def _spaces_of_user(self, user_id: str) -> Response:
        user = self.found("users", user_id)
        members = self.state.table(self.state.node(MEMBERS)).having("userId", user.id)
        return self.paged("userCoSpaces", [_of_user(member) for member in members])

    def _access(self) -> Response:
        given = self.form(user_part("uri"), digits("callId"), reference("tenant"))
        if not (given.get("uri") or given.get("callId")):
            raise CmsFailure(parameter_error("uri", self.switches.parameter_error))
        self._refuse_unknown_tenant(given)
        found = self._entrances(given, "uri" if given.get("uri") else "callId")
        return _answer("accessQuery", self._ways(found[0]) if found else {})

    def _uri_usage(self) -> Response:
        given = self.form(user_part("uri", required=True), reference("tenant"))
        if not given.get("uri"):
            raise CmsFailure(parameter_error("uri", self.switches.parameter_error))
        self._refuse_unknown_tenant(given)
        root = ElementTree.Element("uriUsageQuery")
        element = self.switches.uri_usage_element
        for entrance in self._entrances(given, "uri"):
            if element != "none":
                add_text(root, element, entrance.space.id)
        self._add_others(root, in_lower_case(given["uri"]), given.get("tenant", ""))
        return xml_answer(root)

    def _add_others(self, root: ElementTree.Element, uri: str, tenant: str) -> None:
        """Add the users and IVRs that the URI is of."""
        users = self.state.table(self.state.node("users"))
        for user_id in users.containing(f"{uri}@", ("userJid",), case_sensitive=True):
            user = self.state.collection("users").get(user_id)
            if user.values["userJid"].startswith(f"{uri}@") and _tenant(user) == tenant:
                add_text(root, "userId", user.id)
        for ivr in self.state.collection("ivrs").listed():
            if ivr.values.get("uri") == uri and _tenant(ivr) == tenant:
                add_text(root, "ivrId", ivr.id)

    def _entrances(self, given: dict[str, str], name: str) -> list[Entrance]:
        """Return the ways into Spaces of the tenant, or of none, by that URI or call ID."""
        value, tenant = in_lower_case(given[name]), given.get("tenant", "")
        names = URI_NAMES if name == "uri" else (name,)
        spaces = self.state.table(self.state.node("coSpaces"))
        methods = self.state.table(self.state.node(METHODS))
        found = [Entrance(space) for each in names for space in spaces.having(each, value)]
        found += [
            Entrance(self.state.spaces.get(method.values["coSpace"]), method)
            for method in methods.having(name, value)
        ]
        return [each for each in found if _tenant(each.space) == tenant]

    def _ways(self, entrance: Entrance) -> dict[str, str]:
        """Return how it is entered: `uri`, `webAddress` where there is a web bridge, `ivr`."""
        ways = {}
        if uri := entrance.value("uri"):
            ways["uri"] = self._full(uri)
        if call_id := entrance.value("callId"):
            if self.switches.web_bridge != "none":
                secret = urlencode({"secret": entrance.value("secret")})
                ways["webAddress"] = f"{self.switches.web_bridge}/meeting/{call_id}?{secret}"
            if self.switches.ivr_number != "none":
                ways["ivr"] = self.switches.ivr_number
        return ways

    def _full(self, uri: str) -> str:
        return f"{uri}@{self.switches.sip_domain}"

    def _refuse_unknown_tenant(self, given: dict[str, str]) -> None:
        if given.get("tenant"):
            self.state.collection("tenants").get(given["tenant"])


def _of_user(member: Record) -> ElementTree.Element:
    element = ElementTree.Element("userCoSpace", id=member.id)
    add_text(element, "coSpaceId", member.values["coSpace"])
    return element


def _tenant(record: Record) -> str:
    return record.values.get("tenant", "")


def _answer(name: str, values: dict[str, str]) -> Response:
    root = ElementTree.Element(name)
    for key, value in values.items():
        add_text(root, key, value)
    return xml_answer(root)
