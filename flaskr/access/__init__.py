"""Access control: API key, known hosts, and protection of browsers."""
