"""A mail server that plays a script: what it answers to each verb, and when it hangs up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG_UP = "hang up"


@dataclass
class ScriptedServer:
    """Answers verbs from `answers` (the last one for ever); keeps what it was told. Whoever watches
    hears each verb before it is answered."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    verbs: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    watch: Callable[[str], None] = lambda _verb: None

    def answer(self, verb: str) -> str:
        self.watch(verb)
        good = {"DATA": "354 go on", "EHLO": "250-hello\r\n250 8BITMIME", "QUIT": "221 bye"}
        script = self.answers.get(verb, [])
        if not script:
            return good.get(verb, "250 ok")
        return script.pop(0) if len(script) > 1 else script[0]


@contextmanager
def serving(**answers: list[str]) -> Iterator[ScriptedServer]:
    """The server on a free port of this machine while the block lasts."""
    server = ScriptedServer(answers=answers)
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    open_lines: list[socket.socket] = []
    thread = threading.Thread(target=_listen, args=(server, listener, open_lines), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for line in open_lines:
            line.close()
        thread.join(5)


def _listen(
    server: ScriptedServer, listener: socket.socket, open_lines: list[socket.socket]
) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        open_lines.append(line)
        server.connections += 1
        threading.Thread(target=_converse, args=(server, line), daemon=True).start()


def _converse(server: ScriptedServer, line: socket.socket) -> None:
    try:
        with line, line.makefile("rb") as heard:
            _say(line, server.answer("CONNECT").replace("250 ok", "220 ready"))
            for raw in heard:
                verb = raw.split(b" ")[0].split(b":")[0].strip().decode().upper()
                server.verbs.append(raw.strip().decode())
                reply = server.answer(verb)
                if not _say(line, reply):
                    return
                if verb == "QUIT":
                    return
                if reply.startswith("354") and not _take(server, line, heard):
                    return
    except OSError:
        return


def _take(server: ScriptedServer, line: socket.socket, heard: object) -> bool:
    body = b""
    for raw in heard:  # type: ignore[attr-defined]
        if raw == b".\r\n":
            server.messages.append(body)
            return _say(line, server.answer("DOT"))
        body += raw
        if server.answers.get("BODY") == [HANG_UP]:
            return False
    return False


def _say(line: socket.socket, reply: str) -> bool:
    if reply == HANG_UP:
        line.shutdown(socket.SHUT_RDWR)
        return False
    line.sendall(reply.encode() + b"\r\n")
    return True
