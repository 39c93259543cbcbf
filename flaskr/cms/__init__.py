"""The client of the Cisco Meeting Server API."""
