"""The bodies of the portal's answers, as Swagger shows them."""

from flask_restx import Model, fields

from flaskr.cms.v1.spaces import EXAMPLE_ID, SPACE_FIELDS

error = Model(
    "Error",
    {
        "code": fields.String(
            required=True, example="no_space",
            description="One word for each kind of failure. It stays the same from release to "
            "release; the README has the list.",
        ),
        "failureCodes": fields.List(
            fields.String, required=True, description="The failure codes of CMS, if it gave some."
        ),
        "retry": fields.Boolean(
            required=True, example=False,
            description="Whether the same request may be sent again.",
        ),
        "request": fields.String(
            required=True, example="5d0c1a7e93b2",
            description="The ID of the request, which stands in the portal's log too.",
        ),
    },
)

failure = Model(
    "Failure",
    {
        "success": fields.Boolean(required=True, example=False),
        "message": fields.String(
            required=True, description="What was tried, what went wrong, and what to do."
        ),
        "response": fields.String(required=True, description="Empty.", example=""),
        "error": fields.Nested(error, required=True),
    },
)

created = Model(
    "Created",
    {
        "success": fields.Boolean(required=True, example=True),
        "message": fields.String(required=True, description="Contains the new Space's ID."),
        "response": fields.String(
            required=True, description="The new Space's ID in CMS.", example=EXAMPLE_ID
        ),
    },
)

done = Model(
    "Done",
    {
        "success": fields.Boolean(required=True, example=True),
        "message": fields.String(required=True, description="What was done to which Space."),
        "response": fields.String(required=True, description="Empty.", example=""),
    },
)

space = Model(
    "Space",
    {
        field.name: fields.String(description=field.meaning, example=field.example)
        for field in SPACE_FIELDS.values()
    },
)
space_document = Model("SpaceDocument", {"coSpace": fields.Nested(space, required=True)})
retrieved = Model(
    "Retrieved",
    {
        "success": fields.Boolean(required=True, example=True),
        "message": fields.String(required=True, description="Which Space was retrieved."),
        "response": fields.Nested(
            space_document, required=True,
            description="CMS's XML as JSON: attributes have an @, all values are text.",
        ),
    },
)

MODELS = (error, failure, created, done, space, space_document, retrieved)
