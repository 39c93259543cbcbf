"""The simulated Cisco Meeting Server."""
