"""The mailbox: a simulated mail server that takes mail for anyone, and shows it."""
