"""Cards for the box: who gets one, how it is printed, what the warehouse packs."""
