"""A mail server that takes everything and keeps nothing: `python -m tests.bench.sink` prints its
port and serves until its standard input ends, then prints how many messages it took."""

from __future__ import annotations

import asyncio
import sys

LINE, DOT = b"\r\n", b"\r\n.\r\n"
ANSWERS = {
    b"DATA": b"354 go on\r\n",
    b"EHLO": b"250-sink\r\n250 8BITMIME\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(asyncio.Protocol):
    """One conversation."""

    taken = 0

    def __init__(self) -> None:
        self._held = bytearray()
        self._in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (at := self._held.find(end := DOT if self._in_body else LINE)) >= 0:
            said = bytes(self._held[:at])
            del self._held[: at + len(end)]
            self._transport.write(self._answer(said))

    def _answer(self, said: bytes) -> bytes:
        if self._in_body:
            self._in_body, Sink.taken = False, Sink.taken + 1
            return b"250 taken\r\n"
        verb = said[:4].upper()
        self._in_body = verb == b"DATA"
        return ANSWERS.get(verb, b"250 ok\r\n")


async def serve() -> None:
    """Until the standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    print(Sink.taken, flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
