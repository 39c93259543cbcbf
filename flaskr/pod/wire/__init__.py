"""HTTP, SMTP and TLS, as the simulated servers speak them: no word of what the servers are."""
