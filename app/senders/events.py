"""What the senders room announces."""

from __future__ import annotations

from app.core.events import Event


class SenderEntered(Event, frozen=True, kw_only=True):
    """The merchant entered a way out for mail; its keys are still to be proven."""

    account_id: int


class SenderActivated(Event, frozen=True, kw_only=True):
    """Mail leaves by another way from now on."""

    provider: str


class HookOffered(Event, frozen=True, kw_only=True):
    """Amazon's notification service asks whether we want its reports. `url` is on Amazon's own
    host: that was checked with the signature."""

    url: str


class SendingBraked(Event, frozen=True, kw_only=True):
    """Figures grew so bad that sending was slowed or stopped, or an alarm was raised."""

    subject: str
    level: str
    measure: str


class SendingResumed(Event, frozen=True, kw_only=True):
    """A brake was let go, by a person or because the figures recovered."""

    subject: str
    level: str


class DomainAmiss(Event, frozen=True, kw_only=True):
    """DNS records of the domain in use were there, and are not any more."""

    domain: str
    records: list[str]
