"""Version 1 of the UDS client."""
