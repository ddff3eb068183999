"""The words for what a message is and what became of it."""

from __future__ import annotations

from app.channels.words import told
from app.core.locale import gettext as _
from app.messages import mistakes


def class_name(message_class: str) -> str:
    """How the law sees a kind, and what follows from it."""
    return {
        "transactional": _("About the order: goes to every buyer, at once"),
        "service": _("Service: goes to every buyer, by day"),
        "marketing": _("Marketing: goes to those who agreed, twice a week at most"),
    }[message_class]


def state_name(state: str) -> str:
    """A message's state."""
    return {
        "scheduled": _("Scheduled"),
        "claimed": _("Being sent"),
        "sending": _("Being sent"),
        "sent": _("Sent"),
        "delivered": _("Arrived"),
        "bounced": _("Bounced"),
        "complained": _("Reported as spam"),
        "skipped": _("Not sent"),
        "cancelled": _("Called off"),
        "failed": _("Failed"),
        "in_doubt": _("Unclear"),
        "closed": _("Unclear, left as it is"),
    }.get(state, state)


def trouble(error: str) -> str:
    """What an attempt's error means, in a sentence. What the server said itself stands with the
    attempt."""
    return told(error).sentence or _(
        "The mail server did not take it; what it said stands under the attempts."
    )


def mistake(error: str) -> str:
    """What kept a message from being tried, for the person who can mend it."""
    return mistakes.told(error)


def outcome_name(outcome: str) -> str:
    """What came of one attempt."""
    return {
        "sent": _("Taken"),
        "refused": _("Not taken, tried again later"),
        "rejected": _("Refused for good"),
        "bounced": _("No such mailbox"),
        "in_doubt": _("No answer"),
    }.get(outcome, outcome)
