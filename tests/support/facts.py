"""Where the tests' servers stand, and answers without what is different every time."""

import re
from collections.abc import Mapping

CMS_URL = "https://127.0.0.1:4443/api/v1"
UDS_URL = "https://localhost:8443/cucm-uds"
SETTINGS_OF_TESTS = {
    "CMS_HOSTNAME": "127.0.0.1",
    "CMS_PORT": "4443",
    "CMS_USERNAME": "apiuser",
    "CMS_PASSWORD": "0123",
    "CUCM_HOSTNAME": "localhost",
    "CUC_HOSTNAME": "127.0.0.1",
    "CUC_PORT": "4444",
    "CUC_USERNAME": "admin",
    "CUC_PASSWORD": "secret",
    "WEBEX_URL": "https://127.0.0.1:4445/v1",
    "WEBEX_TOKEN": "token-of-tests",
    "SMTP_HOSTNAME": "localhost",
    "SMTP_FROM": "portal@pod6.example",
}
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What is different in every answer, and the word to read there instead.
_DIFFERENT = (
    (GUID, "ID"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"within [\d.]+ s\b", "in SECONDS"),
    (r'"request": "\w+"', '"request": "ID"'),
)


def generic(answer: str) -> str:
    """Return an answer without what is different every time: IDs, ports and the time allowed."""
    for pattern, word in _DIFFERENT:
        answer = re.sub(pattern, word, answer)
    return answer


def uris_of(values: Mapping[str, str]) -> set[str]:
    """Return the URIs of a Space."""
    return {values[name] for name in ("uri", "secondaryUri") if name in values}
