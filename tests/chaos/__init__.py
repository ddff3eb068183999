"""Processes die, servers go away: what was promised holds."""
