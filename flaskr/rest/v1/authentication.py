"""How clients say who they are, beside the HTTP Basic that requests has."""

from requests import PreparedRequest
from requests.auth import AuthBase


class Bearer(AuthBase):
    """Sends a token as a bearer's (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
