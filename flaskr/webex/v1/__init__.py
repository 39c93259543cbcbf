"""Version 1 of the Webex API."""
