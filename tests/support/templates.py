"""Templates as the settings make them."""

from pathlib import Path

from support.facts import SETTINGS_OF_TESTS

from flaskr.config import load_settings
from flaskr.provisioning.template import Template, template_of


def template(**settings: str) -> Template:
    """Return the template that these settings describe, and the defaults of the others."""
    return template_of(load_settings({**SETTINGS_OF_TESTS, **settings}, Path("nowhere")))
