"""In whose name mail leaves, by which way, how fast, and how it is received."""
