"""`python -m tests.bench`: print the figure; fail only when a mail does not come."""

from __future__ import annotations

import argparse
import sys

from tests.bench.measuring import ARTIFACTS, Missing, figure, measure


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench")
    asked.add_argument("--orders", type=int, default=200)
    asked.add_argument("--per-second", type=float, default=2.0)
    given = asked.parse_args()
    try:
        print(figure(measure(given.orders, given.per_second), given.per_second), flush=True)
    except Missing as error:
        print(f"A mail did not come: {error}. Logs: {ARTIFACTS / 'data' / 'log'}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
