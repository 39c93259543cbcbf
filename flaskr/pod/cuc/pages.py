"""The pages for people that Tomcat answers with, whatever a client accepts."""

from __future__ import annotations

from http import HTTPStatus

from flaskr.pod.xml import escaped

HTML = "text/html;charset=utf-8"
_PAGE = """\
<html><head><title>Error report</title></head><body><h1>HTTP Status {code} - {message}</h1><hr>\
<p><b>type</b> {kind}</p><p><b>message</b> <u>{message}</u></p>{more}<hr></body></html>"""
_EXCEPTION = (
    "<p><b>Exception:</b><pre>java.lang.NullPointerException\n"
    "\tat com.example.pod6.Simulated.answer(Simulated.java:1)\n</pre></p>"
)


def status_page(code: int, message: str = "") -> str:
    """Return the page for a status."""
    words = escaped(message or HTTPStatus(code).phrase)
    return _PAGE.format(code=code, message=words, kind="Status report", more="")


def exception_page(code: int) -> str:
    """Return the page for an exception that nobody caught."""
    message = HTTPStatus(code).phrase
    return _PAGE.format(code=code, message=message, kind="Exception report", more=_EXCEPTION)
