"""The client of Webex, by the version of its API."""
