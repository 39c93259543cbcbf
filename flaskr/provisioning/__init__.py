"""What the portal is for: users' Spaces. The clients are handed in; nothing here knows HTTP."""
