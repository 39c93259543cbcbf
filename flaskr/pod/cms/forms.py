"""The parameters of a request, from its body or its query, as the simulated CMS reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flaskr.pod.cms.failures import CmsFailure, FailureElement, parameter_error, unique
from flaskr.pod.cms.parameters import BOOLEANS, Parameter
from flaskr.pod.cms.switches import CmsSwitches
from flaskr.pod.cms.values import require
from flaskr.pod.xml import can_be_written

MAX_PARAMETERS = 1000

Pairs = list[tuple[str, bytes]]


def pairs(form: bytes) -> Pairs:
    """Return the names and values of a form body or a query string, values still in bytes.

    Raises CmsFailure (`parameterError`) for a form of too many parameters, or with a name that
    is not UTF-8.
    """
    try:
        found = parse_qsl(
            form.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MAX_PARAMETERS,
        )
        return [(_as_utf8(name.encode("latin-1")), text.encode("latin-1")) for name, text in found]
    except ValueError:
        raise CmsFailure(FailureElement("parameterError")) from None


@dataclass(frozen=True)
class FormReader:
    """Reads parameters as strictly or leniently as the switches say."""

    switches: CmsSwitches

    def read(self, form: bytes, table: Mapping[str, Parameter]) -> dict[str, str]:
        """Return the values, checked by the table; what is given empty stays empty.

        Raises CmsFailure with the reasons of `check`.
        """
        values, reasons = self.check(form, table)
        if reasons:
            raise CmsFailure(*unique(reasons))
        return values

    def check(
        self, form: bytes, table: Mapping[str, Parameter]
    ) -> tuple[dict[str, str], list[FailureElement]]:
        """Return the values that are right, and why others are refused.

        There is a `parameterError` for each parameter that is unknown (unless ignored), given
        twice or wrong.
        """
        given = self._known(pairs(form), table)
        names = [name for name, _ in given]
        values: dict[str, str] = {}
        reasons: list[FailureElement] = []
        for name, value in given:
            try:
                require(name in table and names.count(name) == 1)
                values[name] = self._checked(value, table[name])
            except ValueError:
                reasons.append(parameter_error(name, self.switches.parameter_error))
        return values, reasons

    def _known(self, given: Pairs, table: Mapping[str, Parameter]) -> Pairs:
        """Return the parameters in the spelling of the table, unknown ones only if refused."""
        spelling: Callable[[str], str] = str
        if self.switches.lenient_names:
            known = {name.lower(): name for name in table}
            spelling = lambda name: known.get(name.lower(), name)  # noqa: E731
        spelt = [(spelling(name), value) for name, value in given]
        if self.switches.ignore_unknown_parameters:
            return [(name, value) for name, value in spelt if name in table]
        return spelt

    def _checked(self, value: bytes, parameter: Parameter) -> str:
        text = _as_utf8(value)
        require(can_be_written(text))
        if parameter.words == BOOLEANS and self.switches.lenient_booleans:
            text = text.lower()
        return parameter.check(text) if text else ""


def _as_utf8(raw: bytes) -> str:
    return raw.decode("utf-8")
