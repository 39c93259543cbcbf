"""Version 1 of the portal's API: the blueprint and its namespaces."""

from collections.abc import Sequence

from flask import Flask
from flask_restx import Namespace

from flaskr.api.v1.cms import api as cms_namespace
from flaskr.api.v1 import company, owners  # noqa: F401 (their views are of that namespace)
from flaskr.api.v1.cuc import api as cuc_namespace
from flaskr.api.v1.directory import api as directory_namespace
from flaskr.api.v1.docs.models import MODELS
from flaskr.api.v1.me import api as me_namespace
from flaskr.api.v1.restx import create_blueprint, servers_in_words

NAMESPACES = (cms_namespace, directory_namespace, cuc_namespace, me_namespace)
# The servers without which a namespace is not there; the others are with every CMS.
SERVERS = {cuc_namespace.name: "cuc"}


def create_api(
    app: Flask, notice: str, example_userid: str, namespaces: Sequence[Namespace]
) -> None:
    """Give the app its API under `/api/v1`, with the Swagger page there.

    `notice` stands on the page, in Markdown, under what the portal is and which servers it has;
    `example_userid` is filled in as the user ID.
    """
    servers = servers_in_words(app.extensions)
    blueprint, api = create_blueprint(servers, notice, example_userid)
    for model in MODELS:
        api.add_model(model.name, model)
    for namespace in namespaces:
        if SERVERS.get(namespace.name, "cms") in app.extensions:
            api.add_namespace(namespace)
    app.extensions["restx"] = {"apidoc_registered": True}  # not Flask-RESTX's older Swagger UI
    app.register_blueprint(blueprint)
    api.answer_errors_of(app)
