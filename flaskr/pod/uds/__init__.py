"""The simulated CUCM User Data Services."""
