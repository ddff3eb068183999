"""How strongly two products belong together, and what may be suggested at all: pure decisions.

Support, confidence and lift are those of association rules (Agrawal, Imieliński, Swami 1993; Brin
et al. 1997). Confidence is shrunk towards what everybody buys anyway by `SHRINKAGE` imagined
baskets (additive smoothing), so that two baskets of two prove little. The score is the added value
P(b|a) − P(b) (Tan, Kumar, Srivastava 2002): what having bought `a` adds to the chance of `b`.
"""

from __future__ import annotations

from dataclasses import dataclass

SHRINKAGE = 10.0
#: A pair seen less often is a coincidence.
LEAST_TOGETHER = 2
#: The price band around what was bought, in percent (product brief).
BAND = (40, 160)


@dataclass(frozen=True)
class Measure:
    """`confidence` and `lift` are shrunk; `score` is what `a` adds to the chance of `b`."""

    support: float
    confidence: float
    lift: float
    score: float


def measure(together: int, first: int, second: int, baskets: int) -> Measure:
    """The measures of "who buys `a` buys `b`": `together` of `baskets` hold both, `first` hold
    `a`, `second` hold `b`."""
    base = second / baskets
    confidence = (together + SHRINKAGE * base) / (first + SHRINKAGE)
    return Measure(together / baskets, confidence, confidence / base, confidence - base)


def in_band(price_minor: int, reference_minor: int) -> bool:
    """Whether a price fits what was bought: 40–160 % of it. Beside something free, anything."""
    if reference_minor <= 0:
        return True
    low, high = BAND
    return low * reference_minor <= 100 * price_minor <= high * reference_minor


def is_step_up(price_minor: int, reference_minor: int) -> bool:
    """Whether a price is a step up from what was bought, and one within reach."""
    return price_minor > reference_minor and in_band(price_minor, reference_minor)
