"""What a dry run counted, in the words of its page: nothing stays at nought without a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.locale import gettext as _
from app.core.money import Money
from app.journeys import queries
from app.journeys.definitions import Definition, condition, missing, need_text
from app.journeys.hindsight import UNKNOWABLE
from app.journeys.library import definitions
from app.journeys.model import DryRun
from app.journeys.tally import Counts, Line, Tally
from app.journeys.web.saying import reason_text

#: LINE's plans as LINE publishes them (rules.md 2.4): yen a month before tax, and the messages they
#: hold. Beyond the last one each costs `BEYOND` yen at most.
PLANS = ((0, 200), (5_000, 5_000), (15_000, 30_000))
BEYOND = 3
#: A dry run looks at three months.
MONTHS = 3


@dataclass(frozen=True)
class Row:
    """One journey: its figures, whether it is on already, and why it would have sent nothing."""

    name: str
    line: Line
    is_on: bool
    silent: str

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to count."""
        line = self.line
        return not (line.sent or line.skipped or line.cancelled or line.tasks)


@dataclass(frozen=True)
class Costs:
    """Messages a month by channel, and the price of LINE's smallest plan for that, before tax;
    `more` when that is the most it can be."""

    mail: int
    line: int
    price: Money
    more: bool


def rows(session: Session, asked: DryRun, found: Tally) -> list[Row]:
    """The journeys of a dry run."""
    known, switches = definitions(session), queries.switches(session)
    return [
        Row(
            queries.name_of(session, key),
            found.journeys.get(key) or Line(),
            switches.get(key) is not None,
            _silent(known.get(key), found.journeys.get(key) or Line(), found.refused.get(key, {})),
        )
        for key in asked.journeys
    ]


def _silent(definition: Definition | None, line: Line, refused: Counts) -> str:
    if line.sent or definition is None:
        return ""
    if lacking := missing(definition):
        what = _(", ").join(map(need_text, lacking))
        return _("It cannot be switched on yet. What is missing: %(what)s.", what=what)
    if not line.begun:
        said = _("No order of these 90 days would have started it.")
        return said + _most(refused)
    later = _("Some of its messages would leave later than these 90 days reach.")
    if line.reasons and line.ahead:
        others = _("All others would have been left out.")
        return f"{later} {others}{_most(line.reasons)}"
    if line.reasons:
        return _("Every message of it would have been left out.") + _most(line.reasons)
    return _undecided(definition, line) or later


def _undecided(definition: Definition, line: Line) -> str:
    """Why nothing was even left out, unless some of it is still to come."""
    if line.ahead and not line.entered:
        return _("Its first message would leave later than these 90 days reach.")
    if any(condition(word).name in UNKNOWABLE for word in definition.words):
        return _("It waits for what nobody can know beforehand: a click, an answer or a draw.")
    if line.ahead:
        return ""
    return _("No condition of its messages would have come true in these 90 days.")


def _most(reasons: Counts) -> str:
    if not reasons:
        return ""
    code = max(reasons, key=lambda one: reasons[one])
    return " " + _("Most often: %(why)s", why=reason_text(code))


def reasons(found: Tally) -> list[tuple[str, str, int]]:
    """What became of messages that did not leave at their own time (`skipped`, `cancelled`,
    `moved`), why, and how many; the most frequent first."""
    rows = [
        (state, reason_text(code), number)
        for state in ("skipped", "cancelled", "moved")
        for code, number in getattr(found, state).items()
    ]
    return sorted(rows, key=lambda row: -row[2])


def unentered(session: Session, found: Tally) -> list[tuple[str, list[tuple[str, int]]]]:
    """By journey, why orders would not have entered it and how many, the most frequent first."""
    return [
        (
            queries.name_of(session, key),
            [(reason_text(code), number) for code, number in Counter(counts).most_common()],
        )
        for key, counts in found.refused.items()
    ]


def costs(found: Tally) -> Costs:
    """What a month of it costs."""
    line = -(-found.channels.get("line", 0) // MONTHS)
    mail = -(-found.channels.get("email", 0) // MONTHS)
    for yen, held in PLANS:
        if line <= held:
            return Costs(mail, line, Money(yen, "JPY"), more=False)
    yen, held = PLANS[-1]
    return Costs(mail, line, Money(yen + BEYOND * (line - held), "JPY"), more=True)
