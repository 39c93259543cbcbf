"""Faults: which requests go wrong, and how. Nothing here knows which server it acts on."""
