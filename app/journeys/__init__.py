"""Journeys: what should happen to an order, a parcel or a person over time."""
