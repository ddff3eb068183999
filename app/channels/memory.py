"""A channel that ends in this process: the envelopes lie in a list."""

from __future__ import annotations

from app.channels.base import Envelope, Receipt


class MemoryChannel:
    """Keeps what was sent, in order. What lies in `troubles` is raised first, one a send."""

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.troubles: list[Exception] = []

    def send(self, envelope: Envelope) -> Receipt:
        """Take the envelope, or raise the next of the `troubles` that were laid out."""
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append(envelope)
        return Receipt(f"kept as number {len(self.sent)}")

    def close(self) -> None:
        """Nothing is held open."""
