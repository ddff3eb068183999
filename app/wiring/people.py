"""Who forgets a person, who hands out what is known, and who adds to a mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.addresses import service as addresses
from app.consent import service as consent
from app.experiments import service as experiments
from app.journeys import erasure as journeys_erasure
from app.journeys import mutes
from app.line import service as line
from app.messages import erasure as messages_erasure
from app.mirror import service as mirror
from app.parcels import service as parcels
from app.reorder import service as reorder
from app.replenishment import wishes as reminder_wishes
from app.reviews import queries as reviews_queries
from app.reviews import service as reviews
from app.segments import service as segments
from app.surprises import queries as surprises_queries
from app.surprises import service as surprises
from app.surveys import service as surveys
from app.thankyou import service as thankyou
from app.tracking import service as tracking

# --- privacy: eraser(session, customer) and exporter(session, customer) -> dict ----------------
ERASERS: list[Callable[..., Any]] = [
    mirror.erase_webhooks,
    line.erase_person,  # before consent forgets where they are reached
    consent.erase_person,
    reviews.erase,
    surveys.erase_person,
    experiments.erase_person,
    reminder_wishes.erase_person,
    journeys_erasure.erase_person,
    mutes.erase_person,
    messages_erasure.erase_person,
    tracking.erase_person,
    addresses.erase_person,
    parcels.erase_person,
    segments.erase_person,
    surprises.erase_person,
    mirror.erase_person,  # last: the others still need to know whom
]


EXPORTERS: dict[str, Callable[..., Any]] = {
    "mirror": mirror.export_person,
    "consent": consent.export_person,
    "journeys": journeys_erasure.export_person,
    "journey_mutes": mutes.export_person,
    "messages": messages_erasure.export_person,
    "message_reports": messages_erasure.export_reports,
    "tasks": journeys_erasure.export_tasks,
    "line": line.export_person,
    "parcels": parcels.export_person,
    "reviews": reviews.export_person,
    "reorders": reorder.export_person,
    "thankyou": thankyou.export_person,
    "segments": segments.export_person,
    "tracking": tracking.export_person,
    "addresses": addresses.export_person,
    "surprises": surprises.export_person,
    "surveys": surveys.export_person,
    "experiments": experiments.export_person,
    "reminders": reminder_wishes.export_person,
}


# --- what rooms above `messages` know of a mail's reader: giver(session, customer_id) -----------
MAIL_PARTS: dict[str, Callable[..., Any]] = {
    "proof": reviews_queries.proof,
    "gift": surprises_queries.gift,
    "draw": surprises_queries.draw_url,
}
