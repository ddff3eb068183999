"""LINE: pushes through the official SDK, each with its retry key, so that nothing goes twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from app.channels.base import Envelope, Receipt
from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime

#: Seconds to connect, and to wait for an answer.
PATIENCE = (3.0, 15.0)
#: Takes one message out of the shop's month and gives the account's token; raises `GiveUp` with
#: the reason when the message had better go another way.
Ticket = Callable[[dict[str, Any]], str]


class LineChannel:
    """`ticket` is asked before every push, `give_back` told when LINE did not take one after
    all."""

    def __init__(self, ticket: Ticket, give_back: Callable[[dict[str, Any]], None]) -> None:
        self._ticket, self._give_back = ticket, give_back

    def send(self, envelope: Envelope) -> Receipt:
        """Push one message. LINE knows its retry key for a day: what was accepted before is not
        sent again, and says so with 409, which is a success."""
        payload = envelope.payload or {}
        token = self._ticket(payload["about"])
        try:
            return _push(token, envelope, payload)
        except (TryLater, GiveUp):
            self._give_back(payload["about"])
            raise

    def close(self) -> None:
        """Connections are the SDK's own, one a push."""


def _push(token: str, envelope: Envelope, payload: dict[str, Any]) -> Receipt:
    # Imported here: it takes a second, and a process that sends no LINE need not wait for it.
    from linebot.v3 import messaging as sdk
    from urllib3.exceptions import HTTPError

    request = sdk.PushMessageRequest.from_dict(
        {
            "to": envelope.recipient,
            "messages": payload["messages"],
            # The friend's telephone neither rings nor lights up.
            "notificationDisabled": payload.get("silent", False),
        }
    )
    configuration = sdk.Configuration(access_token=token, host=runtime().settings.line_api_url)
    with sdk.ApiClient(configuration) as client:
        try:
            told = sdk.MessagingApi(client).push_message_with_http_info(
                request, x_line_retry_key=envelope.send_key, _request_timeout=PATIENCE
            )
        except sdk.ApiException as error:
            return _answer(error)
        except HTTPError as error:
            # Whatever LINE had of it, the retry key makes the next try safe.
            raise TryLater(f"LINE did not answer: {type(error).__name__}") from error
    return Receipt(f"{told.status_code} {told.headers.get('X-Line-Request-Id', '')}".strip())


def _answer(error: Any) -> Receipt:
    """LINE's refusal as ours."""
    words = said(error)
    if error.status == 409:
        return Receipt("409 accepted before")
    if error.status >= 500 or (error.status == 429 and "monthly limit" not in words):
        raise TryLater(f"LINE: {error.status} {words}") from error
    raise GiveUp(f"LINE: {error.status} {words}") from error


def said(error: Any) -> str:
    """LINE's own words in a refusal."""
    with suppress(TypeError, ValueError):  # a body that is no JSON says nothing more
        return str(json.loads(error.body).get("message", ""))[:200]
    return ""
