"""A mail provider that plays a script, over real HTTP on a loopback port."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Takes the request and hangs up without a word.
HANG_UP = "hang up"


@dataclass
class Answer:
    """What the provider says to one request; a `str` body goes out as it is."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Provider:
    """Scripted answers by the end of a path; the last of a list is said again and again. With
    `keyed`, a repeated Idempotency-Key is answered as the first time and delivers nothing. Whoever
    watches hears each method once the request is taken, before it is answered."""

    url: str
    answers: dict[str, list[Answer | str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    keyed: dict[str, Any] = field(default_factory=dict)
    watch: Callable[[str], None] = lambda _method: None

    def says(self, ending: str, *answers: Answer | str) -> None:
        """Script the answers to requests whose path ends so."""
        self.answers[ending] = list(answers)

    def answer(self, asked: Asked) -> Answer | str:
        """The next answer of the script; 404 where there is none."""
        with self.lock:
            self.asked.append(asked)
            if asked.headers.get("Idempotency-Key"):
                self.keyed.setdefault(asked.headers["Idempotency-Key"], asked.body)
            self.watch(asked.method)
            for ending, found in self.answers.items():
                if asked.path.partition("?")[0].endswith(ending):
                    return found.pop(0) if len(found) > 1 else found[0]
        return Answer({}, 404)


@contextmanager
def serving() -> Iterator[Provider]:
    """Run until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._say(json.loads(raw))

        def _say(self, body: Any) -> None:
            answer = provider.answer(Asked(self.command, self.path, dict(self.headers), body))
            if isinstance(answer, str):
                self.close_connection = True
                return
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: Any) -> None:
            """Tests say what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
