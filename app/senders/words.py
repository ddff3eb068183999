"""What sending looks like in words: for the merchant's page and for the mails that warn them."""

from __future__ import annotations

from fractions import Fraction

from app.channels.words import told
from app.core.locale import gettext as _
from app.senders import rules
from app.senders.model import Brake


def brake(held: Brake, title: str) -> str:
    """What was slowed or stopped, and the figures behind it."""
    given = {
        "count": held.count,
        "total": held.total,
        "rate": percent(Fraction(held.count, held.total) if held.total else Fraction(0)),
        "title": title,
    }
    if held.measure == rules.COMPLAINTS and held.level == rules.STOP:
        return _(
            "Marketing messages are stopped: %(count)s of %(total)s recipients reported spam "
            "(%(rate)s). From 0.25 %% on, mailboxes begin to refuse everything you send.",
            **given,
        )
    if held.measure == rules.COMPLAINTS:
        return _(
            "Marketing messages are slowed to half their pace: %(count)s of %(total)s recipients "
            "reported spam (%(rate)s; the limit is 0.10 %%).",
            **given,
        )
    if held.measure == rules.BOUNCES:
        return _(
            "Many addresses do not exist: %(count)s of %(total)s marketing messages bounced "
            "(%(rate)s). Check where the addresses come from.",
            **given,
        )
    if held.level == rules.STOP:
        return _(
            "“%(title)s” is stopped: %(count)s of %(total)s recipients unsubscribed (%(rate)s).",
            **given,
        )
    return _(
        "“%(title)s” makes people leave: %(count)s of %(total)s recipients unsubscribed "
        "(%(rate)s; more than 0.5 %% is too many).",
        **given,
    )


def refused(detail: str) -> str:
    """Why a way out was refused: our own words for it, or the other side's."""
    said = told(detail)
    if said.sentence:
        return str(said)
    return _("It did not work. What the other side said: %(detail)s", detail=detail)


def percent(rate: Fraction) -> str:
    """A rate with two decimals, as small rates need."""
    return f"{float(rate * 100):.2f} %"
