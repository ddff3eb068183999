"""A shop's own words for a message: typed blocks, their versions, and how they are filled."""
