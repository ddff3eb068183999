"""Export and erase: what a customer or a shop may ask of us."""
