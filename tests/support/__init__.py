"""What the tests share. Nothing in it is a test."""
