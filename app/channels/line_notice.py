"""LINE notification messages: to a telephone number's hash, for shops that LINE or a certified
partner of theirs has admitted (rules.md LN-5).

LINE takes no retry key here and refuses a request that has one. So a request that went out and was
not answered is in doubt, and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.channels.base import Envelope, InDoubt, Receipt
from app.channels.line import PATIENCE, said
from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime

#: The account's token; raises `GiveUp` with the reason when nothing may leave this way any more.
Token = Callable[[dict[str, Any]], str]


class LineNoticeChannel:
    """`token` is asked before every message."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def send(self, envelope: Envelope) -> Receipt:
        """Hand over one message. That LINE takes it does not say that anybody gets it: the event
        of its delivery does, with the tag that goes along."""
        payload = envelope.payload or {}
        return _push(self._token(payload["about"]), payload)

    def close(self) -> None:
        """Connections are the SDK's own, one a message."""


def _push(token: str, payload: dict[str, Any]) -> Receipt:
    # Imported here: it takes a second, and a process that sends no LINE need not wait for it.
    from linebot.v3 import messaging as sdk
    from urllib3.exceptions import HTTPError

    configuration = sdk.Configuration(access_token=token, host=runtime().settings.line_api_url)
    with sdk.ApiClient(configuration) as client:
        api = sdk.MessagingApi(client)
        if "template" in payload:
            call: Any = api.push_templated_messages_by_phone_with_http_info
            request: Any = sdk.PnpTemplatedMessageRequest.from_dict(
                {"to": payload["to"], **payload["template"]}
            )
        else:
            call = api.push_messages_by_phone_with_http_info
            request = sdk.PnpMessagesRequest.from_dict(
                {"to": payload["to"], "messages": payload["messages"]}
            )
        try:
            told = call(request, x_line_delivery_tag=payload["tag"], _request_timeout=PATIENCE)
        except sdk.ApiException as error:
            raise _refused(error) from error
        except HTTPError as error:
            raise _unanswered(error) from error
    return Receipt(
        f"{told.status_code} {(told.headers or {}).get('X-Line-Request-Id', '')}".strip()
    )


def _refused(error: Any) -> Exception:
    """LINE's refusal as ours. 422: nobody on LINE has this number, or they want no such messages;
    which of the two LINE does not say."""
    words = f"LINE: {error.status} {said(error)}"
    if error.status >= 500:
        return InDoubt(words)
    return TryLater(words) if error.status == 429 else GiveUp(words)


def _unanswered(error: Exception) -> Exception:
    """No connection: LINE has nothing of it. Anything later: nobody knows."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

    reason = getattr(error, "reason", error)
    words = f"LINE did not answer: {type(reason).__name__}"
    never = isinstance(reason, NewConnectionError | ConnectTimeoutError | SSLError)
    return TryLater(words) if never else InDoubt(words)
