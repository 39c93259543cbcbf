"""The generic REST client that the clients of the vendors' APIs build on."""
