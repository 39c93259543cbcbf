"""The simulated Webex: rooms and messages."""
