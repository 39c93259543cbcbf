"""Who may ask the portal for what."""
