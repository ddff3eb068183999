"""The chapters in their order."""

from tests.story.chapters import (
    arriving,
    buying,
    chatting,
    hearing,
    installing,
    leaving,
    refusing,
    returning,
    waiting,
)

CHAPTERS = [
    ("Installing", installing.STEPS),
    ("Buying", buying.STEPS),
    ("Hearing from the shop", hearing.STEPS),
    ("Arriving", arriving.STEPS),
    ("Coming back", returning.STEPS),
    ("Waiting", waiting.STEPS),
    ("On LINE", chatting.STEPS),
    ("What is refused", refusing.STEPS),
    ("Leaving", leaving.STEPS),
]
