"""What is special about some nodes, beyond their entries in the table."""
