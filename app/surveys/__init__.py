"""What a shop asks after the order, and what people answered."""
