"""Two tools, one webhook: we hand on what LINE posts, or are handed it."""

from __future__ import annotations

import httpx
import pytest

from app.core import outward
from app.core.runtime import Runtime
from app.line import queries
from app.sandbox.line import people
from app.sandbox.line.accounts import KIND
from tests import make
from tests.line.conftest import Line
from tests.sandbox.conftest import HINATA

TOOL = "https://tool.example/hook?key=1"
PUBLIC, INSIDE = "93.184.216.34", "10.0.0.7"


class Tool:
    """The other tool: what it was posted, and how it answers."""

    def __init__(self) -> None:
        self.posted: list[httpx.Request] = []
        self.status = 200

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.posted.append(request)
        return httpx.Response(self.status, headers={"Location": "https://elsewhere.example"})


@pytest.fixture
def tool(line: Line, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """A tool at a public address; names of another one are found inside a network."""
    found = Tool()
    running: Runtime = line.app.extensions["okaeri"]
    wire = httpx.HTTPTransport()

    def send(request: httpx.Request) -> httpx.Response:
        ours = request.url.host == "127.0.0.1"
        return wire.handle_request(request) if ours else found.answer(request)

    client = httpx.Client(transport=httpx.MockTransport(send))
    monkeypatch.setitem(line.app.extensions, "okaeri", _with(running, client))
    known = {"tool.example": [PUBLIC], "inside.example": [PUBLIC, INSIDE]}
    monkeypatch.setattr(outward, "resolve", lambda host: known.get(host, []))
    return found


def _with(running: Runtime, client: httpx.Client) -> Runtime:
    return Runtime(
        running.settings, running.engine, running.queue, client, running.channels, running.tables
    )


def befriended(line: Line) -> None:
    """The account is connected, and Haruka is its friend."""
    line.connect()
    people.follow(line.sandbox, HINATA, "haruka")
    line.deliver()


def choose(line: Line, url: str = "", by: str = "us") -> int:
    form = {"webhook_by": by, "forward_url": url}
    return int(line.admin("/app/line/webhook", form).status_code)


def test_what_line_posts_reaches_the_other_tool_unchanged(line: Line, tool: Tool) -> None:
    befriended(line)
    assert choose(line, TOOL) == 200
    people.say(line.sandbox, HINATA, "haruka", "荷物はどこですか 🐈")
    line.deliver()
    [posted] = tool.posted
    assert (posted.url.host, posted.headers["Host"]) == (PUBLIC, "tool.example")
    assert posted.extensions["sni_hostname"] == "tool.example"
    assert posted.url.query == b"key=1"
    # Its own check of LINE's signature holds: nothing was written anew.
    body, signature = posted.read(), posted.headers["X-Line-Signature"]
    hook = line.account["webhook_url"].partition("okaeri.test")[2]
    headers = {"X-Line-Signature": signature}
    assert line.client.post(hook, data=body, headers=headers).status_code == 200
    make.settle(line.app)
    # The same post once more is the same one; both of us have understood it once.
    assert len(tool.posted) == 1
    assert choose(line) == 200
    people.say(line.sandbox, HINATA, "haruka", "ありがとう")
    line.deliver()
    assert len(tool.posted) == 1


def test_a_tool_that_refuses_is_shown_to_the_merchant(line: Line, tool: Tool) -> None:
    befriended(line)
    choose(line, TOOL)
    tool.status = 302  # followed, it could lead anywhere
    people.say(line.sandbox, HINATA, "haruka", "こんにちは")
    line.deliver()
    assert len(tool.posted) == 1
    assert "1件を転送できませんでした" in line.admin("/app/line").text
    assert "tool.example answered 302" in line.admin("/app/webhooks").text


#: Nothing here may be spoken to.
CLOSED = (
    "http://tool.example/hook",
    "https://127.0.0.1/hook",
    "https://[::1]/hook",
    "https://2130706433/",
    "https://localhost/hook",
    "https://tool.example:6379/",
    "https://me:secret@tool.example/",
    "https://inside.example/hook",
    "https://nowhere.example/hook",
    "https://okaeri.test/hooks/line/x",
    "javascript:alert(1)",
)


def test_only_public_addresses_are_spoken_to(line: Line, tool: Tool) -> None:
    line.connect()
    assert [choose(line, url) for url in CLOSED] == [422] * len(CLOSED)
    with line.shop.work() as session:
        account = queries.account(session)
        assert account is not None
        assert account.forward_url is None
    assert tool.posted == []


def test_a_name_that_moves_inside_later_is_not_followed(
    line: Line, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    befriended(line)
    choose(line, TOOL)
    monkeypatch.setattr(outward, "resolve", lambda _host: [INSIDE])
    people.say(line.sandbox, HINATA, "haruka", "こんにちは")
    line.deliver()
    assert tool.posted == []
    assert "not a public address" in line.admin("/app/webhooks").text


def test_connecting_cuts_nobody_off_and_what_is_handed_on_to_us_counts(line: Line) -> None:
    with line.sandbox.work() as work:
        work.put(KIND, HINATA, "account", {**line.account, "webhook_url": TOOL})
    said = line.connect().text
    assert "tool.example" in said
    assert line.account["webhook_url"] == TOOL
    hook = said.partition('data-testid="line-hook">')[2].partition("<")[0]
    # The other tool posts it on to us, as it came.
    people.follow(line.sandbox, HINATA, "haruka")
    with line.sandbox.work() as work:
        work.put(KIND, HINATA, "account", {**line.account, "webhook_url": hook})
    assert line.deliver() == 1
    assert len(line.said()) > 0
    # Taking over tells LINE.
    with line.sandbox.work() as work:
        work.put(KIND, HINATA, "account", {**line.account, "webhook_url": TOOL})
    assert choose(line) == 200
    assert line.account["webhook_url"] == hook
