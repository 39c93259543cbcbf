"""Version 1 of the Cisco Meeting Server API, `/api/v1`."""
