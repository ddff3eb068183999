"""What happened, to whom, when: the customer timeline, and the delivery of reactions."""
