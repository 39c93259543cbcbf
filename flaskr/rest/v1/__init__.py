"""Version 1 of the generic REST client."""
