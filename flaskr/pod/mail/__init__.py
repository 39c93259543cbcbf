"""A simulated mail server that takes mail for anyone, and shows it."""
