"""The chapters in their order."""

from tests.story.chapters import (
    arriving,
    buying,
    chatting,
    comparing,
    hearing,
    installing,
    leaving,
    refusing,
    repairing,
    returning,
    sending_back,
    waiting,
)

CHAPTERS = [
    ("Installing", installing.STEPS),
    ("Buying", buying.STEPS),
    ("Hearing from the shop", hearing.STEPS),
    ("Arriving", arriving.STEPS),
    ("Sending back", sending_back.STEPS),
    ("Coming back", returning.STEPS),
    ("Waiting", waiting.STEPS),
    ("Putting an address right", repairing.STEPS),
    ("On LINE", chatting.STEPS),
    ("What is refused", refusing.STEPS),
    ("Comparing", comparing.STEPS),
    ("Leaving", leaving.STEPS),
]
