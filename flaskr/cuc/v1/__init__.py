"""Version 1 of the Cisco Unity Connection client."""
