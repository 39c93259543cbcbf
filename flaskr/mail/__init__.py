"""The client of a mail server."""
