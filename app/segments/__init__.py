"""Who is this person to the shop? Asked live of our copy of the store; nothing is written back."""
