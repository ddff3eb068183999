"""What machine a bench runs on, by the field's own measure, so that a simulated phone is the same
phone everywhere.

Lighthouse slows the CPU four times, which makes a mid-tier phone of a high-end desktop
(BenchmarkIndex 1,500 to 2,000), and asks for less on a slower machine (its docs/throttling.md).
The index is the mean of two rates: strings of 10,000 characters built one by one, and 100,000
integers copied from one array into another, both in tenths a second.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

#: The middle of Lighthouse's bracket for the machine its slowdown is meant for.
DESKTOP_INDEX = 1750
DESKTOP_SLOWDOWN = 4

INDEX = """() => {
  const tenthsPerSecond = (once) => {
    const begun = performance.now();
    let rounds = 0;
    while (rounds % 10 || performance.now() - begun < 500) once(rounds++);
    return rounds / 10 / ((performance.now() - begun) / 1000);
  };
  const build = () => {
    let text = '';
    for (let i = 0; i < 10_000; i++) text += 'a';
    if (text.length !== 10_000) throw new Error('not built');
  };
  const pair = [0, 1].map(() => Array.from({length: 100_000}, (_, i) => i));
  const copy = (round) => {
    const from = pair[round % 2], to = pair[(round + 1) % 2];
    for (let i = 0; i < from.length; i++) to[i] = from[i];
  };
  return (tenthsPerSecond(build) + tenthsPerSecond(copy)) / 2;
}"""


def benchmark_index(browser: Browser) -> float:
    """Lighthouse's BenchmarkIndex of this machine as it is busy now; higher is faster."""
    page = browser.new_page()
    try:
        found: Any = page.evaluate(INDEX)
    finally:
        page.close()
    return float(found)


def factor(browser: Browser) -> float:
    """How many times slower this machine is than the desktop that Lighthouse's slowdown is for."""
    return DESKTOP_INDEX / benchmark_index(browser)


def slowdown(browser: Browser) -> float:
    """How many times to slow the CPU for a mid-tier phone; never below 1, which is this machine."""
    return max(1.0, DESKTOP_SLOWDOWN / factor(browser))
