"""How messages leave: one interface, one module a channel."""
