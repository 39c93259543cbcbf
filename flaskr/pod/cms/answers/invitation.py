"""The words of an invitation, in the languages that the simulated CMS has them in.

What a real server says is its own text or a customer's template; these words are made up.
"""

from __future__ import annotations

from collections.abc import Mapping

# By the first part of a language's code: subject, then one line a way to join.
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "subject": "Invitation to {name}", "hello": "You are invited to {name}.",
        "webAddress": "In a web browser: {value}", "uri": "With a video device: {value}",
        "ivr": "By phone: {value}", "callId": "Meeting ID: {value}",
        "passcode": "Passcode: {value}",
    },
    "de": {
        "subject": "Einladung zu {name}", "hello": "Sie sind zu {name} eingeladen.",
        "webAddress": "Im Webbrowser: {value}", "uri": "Mit einem Videogerät: {value}",
        "ivr": "Per Telefon: {value}", "callId": "Meeting-ID: {value}",
        "passcode": "Kenncode: {value}",
    },
    "fr": {
        "subject": "Invitation à {name}", "hello": "Vous êtes invité à {name}.",
        "webAddress": "Dans un navigateur : {value}", "uri": "Avec un appareil vidéo : {value}",
        "ivr": "Par téléphone : {value}", "callId": "ID de réunion : {value}",
        "passcode": "Code d'accès : {value}",
    },
    "ja": {
        "subject": "{name} へのご招待", "hello": "{name} に招待されました。",
        "webAddress": "ブラウザー: {value}", "uri": "ビデオ端末: {value}",
        "ivr": "電話: {value}", "callId": "会議 ID: {value}",
        "passcode": "パスコード: {value}",
    },
}


def subject(language: str, name: str) -> str:
    """Return the subject line, in English where the language, such as de_DE, is not known."""
    return _words(language)["subject"].format(name=name)


def invitation_text(language: str, name: str, known: Mapping[str, str]) -> str:
    """Return the lines that say how to join: for each way that is known, call ID and passcode."""
    words = _words(language)
    lines = [
        words[way].format(value=known[way])
        for way in ("webAddress", "uri", "ivr", "callId", "passcode")
        if known.get(way)
    ]
    return "\n".join([words["hello"].format(name=name), "", *lines, ""])


def _words(language: str) -> Mapping[str, str]:
    return WORDS.get(language[:2].lower(), WORDS["en"])
