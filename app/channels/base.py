"""What a channel is: it takes an envelope and either the other side has it, or we know why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from app.core.errors import GiveUp, TryLater


@dataclass(frozen=True)
class Signature:
    """What a mail is signed with (DKIM, RFC 6376): the domain that answers for it, the selector
    under which its public key lies in the DNS, and the private key as PEM."""

    domain: str
    selector: str
    private_key: str = field(repr=False)


@dataclass(frozen=True)
class Envelope:
    """One message to one address, complete: a channel adds nothing a reader would see.

    `send_key` is the same at every attempt, and so is everything else here. `headers` are readable
    text; the channel encodes them. `endpoint` names the server or provider where it is not the
    host's own. `payload` is what channels with messages of their own shape send; e-mail has none.
    `reference` is our number for the message, which a provider's reports bring back.
    """

    send_key: str
    sender: str
    recipient: str
    headers: dict[str, str]
    plain: str
    html: str
    endpoint: str | None = field(default=None, repr=False)
    payload: dict[str, Any] | None = None
    signature: Signature | None = None
    reference: str = ""


@dataclass(frozen=True)
class Receipt:
    """The other side took it; `detail` is what it said."""

    detail: str


class Bounced(GiveUp):
    """The receiving server says that there is no such mailbox: nobody should write there again."""


class Unavailable(TryLater):
    """The whole way out is closed, not just to this message: nobody answers, the keys are refused,
    or there is too much at once. The next message need not try."""


class InDoubt(Exception):
    """Nobody knows whether it arrived: the line went dead between handing over the last byte and
    the other side's answer. Sending again could be the second time."""


class Channel(Protocol):
    """A way out of the house."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand over one message. Raises `TryLater` when it certainly was not taken and may be
        later, `GiveUp` when it never will be, and `InDoubt` when nobody can know."""

    def close(self) -> None:
        """Let go of the lines kept open over a batch; the next send opens new ones."""
