"""A DNS server on a loopback port that knows what a test tells it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

SERVFAIL = "SERVFAIL"


@dataclass
class Zone:
    """Records by (name, type); a name without any does not exist. `silent` names fail."""

    address: str
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def txt(self, name: str, *values: str) -> None:
        """Publish TXT records, long ones in several strings as real servers do."""
        self.records[name, "TXT"] = [
            " ".join(f'"{value[at : at + 200]}"' for at in range(0, len(value), 200))
            for value in values
        ]

    def put(self, name: str, kind: str, *values: str) -> None:
        """Publish other records."""
        self.records[name, kind] = list(values)


@contextmanager
def serving() -> Iterator[Zone]:
    """Run until the block ends."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    zone = Zone(f"127.0.0.1:{line.getsockname()[1]}")
    thread = threading.Thread(target=_answer, args=(line, zone))
    thread.start()
    try:
        yield zone
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", line.getsockname())
        thread.join()
        line.close()


def _answer(line: socket.socket, zone: Zone) -> None:
    while True:
        wire, sender = line.recvfrom(4096)
        if not wire:
            return
        asked = dns.message.from_wire(wire)
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        (question,) = asked.question
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype.name
        if name in zone.silent:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in zone.records:
            answer.answer.append(
                dns.rrset.from_text(question.name, 60, "IN", kind, *zone.records[name, kind])
            )
        elif not any(known == name for known, _ in zone.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        line.sendto(answer.to_wire(), sender)
