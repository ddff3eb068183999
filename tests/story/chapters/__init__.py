"""The chapters in their order."""

from tests.story.chapters import arriving, buying, hearing, installing, leaving, refusing, returning

CHAPTERS = [
    ("Installing", installing.STEPS),
    ("Buying", buying.STEPS),
    ("Hearing from the shop", hearing.STEPS),
    ("Arriving", arriving.STEPS),
    ("Coming back", returning.STEPS),
    ("What is refused", refusing.STEPS),
    ("Leaving", leaving.STEPS),
]
