"""An object that the template or a caller names by ID, and CMS doesn't have: which there are."""

from collections.abc import Iterator
from contextlib import contextmanager

from flaskr.cms.v1.cms import CMS
from flaskr.rest.v1.formats import find
from flaskr.result import Failure

# CMS's failure codes for an ID of nothing, and the lists that have those there are.
LISTS = {
    "callLegProfileDoesNotExist": "callLegProfiles",
    "callProfileDoesNotExist": "callProfiles",
    "callBrandingProfileDoesNotExist": "callBrandingProfiles",
    "dialInSecurityProfileDoesNotExist": "dialInSecurityProfiles",
    "tenantDoesNotExist": "tenants",
}
MOST_SHOWN = 10


@contextmanager
def wrong_ids_explained(cms: CMS) -> Iterator[None]:
    """Say of an ID that CMS doesn't have which there are. Raises Failure."""
    try:
        yield
    except Failure as failure:
        lists = [LISTS[code] for code in failure.failure_codes if code in LISTS]
        if not lists:
            raise
        seen = " ".join(_those_there_are(cms, name) for name in lists)
        message = f"{failure.message} {seen}"
        raise Failure(failure.reason, message, failure.failure_codes, failure.server) from None


def _those_there_are(cms: CMS, name: str) -> str:
    """Return a sentence with the objects of a list: their IDs, and their names where they have any.
    """
    try:
        ids = [str(entry["@id"]) for entry in cms.entries(name)]
        shown = ", ".join(_in_words(cms, name, object_id) for object_id in ids[:MOST_SHOWN])
    except Failure as failure:
        return f"The portal has asked which {name} there are, without success. {failure.message}"
    more = f" and {len(ids) - MOST_SHOWN} more" if len(ids) > MOST_SHOWN else ""
    return f"There are these {name}: {shown}{more}." if ids else f"There are no {name}."


def _in_words(cms: CMS, name: str, object_id: str) -> str:
    found = find(cms.request(f"{name}/{object_id}").response, name.removesuffix("s"), "name")
    return f"{object_id} ({found})" if found else object_id
