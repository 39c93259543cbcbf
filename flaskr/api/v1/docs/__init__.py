"""What Swagger shows: models, operations, arguments, and answers that the tests have recorded."""
