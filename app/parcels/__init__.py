"""Parcels on their way: carriers, states, expected day."""
