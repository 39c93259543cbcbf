"""The Cisco Unity Connection client."""
