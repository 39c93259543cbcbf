"""The simulated Cisco Unity Connection: its provisioning interface, CUPI."""
