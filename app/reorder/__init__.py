"""Reorder: a link, one confirmation screen, a prefilled checkout, and the order it brought."""
