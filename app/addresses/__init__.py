"""Addresses: what looks wrong in them, what would be right, and who puts it right."""
