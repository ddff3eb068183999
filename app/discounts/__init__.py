"""Discount codes made ahead in pools, handed out one per order, removed after their deadline."""
