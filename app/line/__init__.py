"""LINE: a shop's official account, the people linked to it, and what they can ask it.

Messages leave through `messages` and the channel; this room holds the account, links people,
answers them, and says what may still be spent this month.
"""
