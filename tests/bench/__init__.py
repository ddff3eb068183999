"""How long a buyer waits for the first mail: one figure, from outside, on real processes."""
