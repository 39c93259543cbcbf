"""What the portal offers over HTTP."""
