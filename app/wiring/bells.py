"""Which bells there are, who answers them, and when the clock rings them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.consent.model import ConsentImport, Hold
from app.core.claim import has_due
from app.discounts.model import DiscountCode, DiscountPool
from app.discounts.queries import any_shop_without_pool
from app.inbox.model import Webhook
from app.journal.model import JournalDelivery
from app.journeys.model import DryRun, DryRunPart, JourneyRun
from app.messages.kinds import MARKETING, TRANSACTIONAL
from app.messages.lanes import LINE, LINE_MARKETING
from app.messages.model import Message, MessageSignal
from app.parcels.model import ParcelWatch
from app.surprises.model import SurpriseDraw

# --- bell → the queue whose worker answers it; "room.job" is app/<room>/jobs.py:<job> -----------
BELLS: dict[str, str] = {
    "shops.learn_prefix": "slow",
    "shops.nightly": "slow",
    "senders.nightly": "slow",
    "senders.look": "slow",
    "shops.keep": "slow",
    "inbox.drain": "inbox",
    "inbox.give_back": "inbox",
    "inbox.prune": "slow",
    "journal.react": "inbox",
    "journal.run_errands": "slow",
    "journal.give_back_lost": "inbox",
    "consent.end_holds": "inbox",
    "consent.work_off_imports": "slow",
    "consent.prune": "slow",
    "consent.give_back_lost": "inbox",
    "discounts.open_pools": "slow",
    "discounts.tend": "slow",
    "discounts.remove_expired": "slow",
    "discounts.give_back_lost": "slow",
    "line.look_after": "slow",
    "parcels.look_for_silent": "slow",
    "parcels.nightly": "slow",
    "parcels.learn": "slow",
    "parcels.give_back_lost": "slow",
    "journeys.tick": "transactional",
    "journeys.nightly": "slow",
    "journeys.look_after": "slow",
    "messages.send_transactional": "transactional",
    "messages.send_marketing": "marketing",
    "messages.send_line": "transactional",
    "messages.send_line_marketing": "marketing",
    "messages.sweep_up": "slow",
    "messages.judge_clicks": "slow",
    "journeys.sweep": "slow",
    "mirror.reconcile": "slow",
    "mirror.catch_up": "slow",
    "mirror.nightly": "slow",
    "mirror.read_catalogue": "slow",
    "mirror.read_returns": "slow",
    "recommendations.nightly": "slow",
    "recommendations.learn": "slow",
    "segments.hourly": "slow",
    "segments.measure": "slow",
    "journeys.imagine": "heavy",
    "inserts.hourly": "slow",
    "inserts.look": "slow",
    "surprises.draw": "slow",
    "surprises.give_back_lost": "slow",
    "thankyou.prune": "slow",
}


@dataclass(frozen=True)
class Tick:
    """Ring `bell` every `seconds`; with `due`, only when that question answers yes."""

    bell: str
    seconds: float
    due: Callable[[], bool] | None = None
    args: tuple[str, ...] = ()


# --- what the clock rings for -----------------------------------------------------------------
SCHEDULE: list[Tick] = [
    Tick("shops.nightly", 24 * 3600),
    Tick("mirror.reconcile", 900),
    Tick("mirror.nightly", 24 * 3600),
    Tick("recommendations.nightly", 24 * 3600),
    Tick("parcels.nightly", 24 * 3600),
    Tick("senders.nightly", 24 * 3600),
    Tick("segments.hourly", 3600),
    Tick("journeys.nightly", 24 * 3600),
    Tick("inserts.hourly", 3600),
    Tick("inbox.drain", 1, due=lambda: has_due(Webhook)),
    Tick("inbox.give_back", 60),
    Tick("inbox.prune", 86400),
    Tick("journal.react", 1, due=lambda: has_due(JournalDelivery)),
    Tick("journal.run_errands", 1, due=lambda: has_due(JournalDelivery, "errands")),
    Tick("journal.give_back_lost", 60),
    Tick("consent.end_holds", 1, due=lambda: has_due(Hold)),
    Tick("consent.work_off_imports", 1, due=lambda: has_due(ConsentImport)),
    Tick("consent.give_back_lost", 60),
    Tick("consent.prune", 86400),
    Tick("discounts.open_pools", 5, due=any_shop_without_pool),
    Tick("discounts.tend", 1, due=lambda: has_due(DiscountPool)),
    Tick("discounts.remove_expired", 1, due=lambda: has_due(DiscountCode)),
    Tick("discounts.give_back_lost", 60),
    Tick("line.look_after", 3600),
    Tick("parcels.look_for_silent", 1, due=lambda: has_due(ParcelWatch)),
    Tick("parcels.give_back_lost", 60),
    Tick("journeys.tick", 1, due=lambda: has_due(JourneyRun)),
    Tick("journeys.sweep", 60),
    Tick("surprises.draw", 1, due=lambda: has_due(SurpriseDraw)),
    Tick("surprises.give_back_lost", 60),
    Tick("journeys.imagine", 1, due=lambda: has_due(DryRun) or has_due(DryRunPart)),
    Tick("messages.send_transactional", 1, due=lambda: has_due(Message, TRANSACTIONAL)),
    Tick("messages.send_marketing", 1, due=lambda: has_due(Message, MARKETING)),
    Tick("messages.send_line", 1, due=lambda: has_due(Message, LINE)),
    Tick("messages.send_line_marketing", 1, due=lambda: has_due(Message, LINE_MARKETING)),
    Tick("messages.sweep_up", 60),
    Tick("thankyou.prune", 86400),
    Tick("messages.judge_clicks", 1, due=lambda: has_due(MessageSignal)),
]
