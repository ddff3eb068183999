"""A store that installed the app: tokens, brand, settings, staff."""
