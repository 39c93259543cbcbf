"""Answers are compressed for callers who take it, and are the same then."""

import gzip
import zlib

import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug import Response as Answer

GZIP = {"Accept-Encoding": "gzip, deflate"}
PAGE_CSS = "/api/v1/static/page.css"
SWAGGER, LIST = "/api/v1/swagger.json", "/api/v1/cms/spaces?limit=20"


@pytest.fixture
def client(portal: FlaskClient) -> FlaskClient:
    """A client that takes answers as they are."""
    return FlaskClient(portal.application, Response)


def got(client: FlaskClient, path: str, **headers: str) -> Answer:
    """Return an answer that has been read."""
    with client.get(path, headers=headers) as answer:
        assert answer.data is not None
        return answer


@pytest.mark.parametrize("path", [SWAGGER, LIST, PAGE_CSS, "/"])
def test_an_answer_is_compressed_and_the_same(client: FlaskClient, path: str) -> None:
    plain, packed = got(client, path), got(client, path, **GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))


def test_a_file_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    etag = got(client, PAGE_CSS, **GZIP).headers["ETag"]
    assert etag.startswith("W/")
    again = got(client, PAGE_CSS, **GZIP, **{"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/cms/version", GZIP),  # short
        (SWAGGER, {"Accept-Encoding": "gzip;q=0"}),
        (SWAGGER, {"Accept-Encoding": "br"}),
        ("/api/v1/swagger-ui/favicon-32x32.png", GZIP),
        ("/api/v1/nothing", GZIP),
    ],
)
def test_what_need_not_be_is_not_compressed(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    assert "Content-Encoding" not in got(client, path, **headers).headers


def test_each_piece_of_a_stream_can_be_read_as_it_comes(client: FlaskClient) -> None:
    headers = {**GZIP, "Accept": "application/x-ndjson"}
    rows = [{"userid": f"u{number}", "action": "keep"} for number in range(3)]
    answer = client.post("/api/v1/cms/apply", json=rows, headers=headers, buffered=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    pieces = [reader.decompress(piece).decode() for piece in answer.iter_encoded()]
    assert [piece.count("\n") for piece in pieces if piece] == [1, 1, 1, 1]
    assert '"complete": true' in pieces[-2] + pieces[-1]
    assert reader.eof
