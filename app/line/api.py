"""LINE's APIs, as named verbs over the official SDK. Network: call with no unit of work open.

Wires raise `TryLater` for what may work later and `GiveUp` for what never will.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from app.core.errors import GiveUp, TryLater
from app.core.runtime import runtime

#: Seconds to connect and to wait for an answer: somebody sits in front of these.
PATIENCE = (3.0, 8.0)


@dataclass(frozen=True)
class BotInfo:
    """Who an official account is."""

    user_id: str
    basic_id: str
    name: str


@contextmanager
def messaging(token: str) -> Iterator[Any]:
    """The SDK's client for one channel. Imported here: it takes a second, and few need it."""
    from linebot.v3 import messaging as sdk
    from urllib3.exceptions import HTTPError

    configuration = sdk.Configuration(access_token=token, host=runtime().settings.line_api_url)
    with sdk.ApiClient(configuration) as client:
        try:
            yield sdk.MessagingApi(client)
        except sdk.ApiException as error:
            raise _refused(error) from error
        except HTTPError as error:
            raise TryLater(f"LINE did not answer: {type(error).__name__}") from error


def _refused(error: Any) -> Exception:
    """LINE's answer as ours: 429 and 5xx may pass, all else will not."""
    told = f"LINE: {error.status} {_message(error.body)}"
    return TryLater(told) if error.status == 429 or error.status >= 500 else GiveUp(told)


def _message(body: Any) -> str:
    try:
        return str(json.loads(body).get("message", ""))[:200]
    except (TypeError, ValueError):
        return ""


# --- the account --------------------------------------------------------------------------------


def check_channel(channel_id: str, channel_secret: str) -> None:
    """Prove a channel's id and secret: LINE gives a short token for them or refuses."""
    _form(
        "/oauth2/v3/token",
        {
            "grant_type": "client_credentials",
            "client_id": channel_id,
            "client_secret": channel_secret,
        },
    )


def bot_info(token: str) -> BotInfo:
    """Who the token's account is."""
    with messaging(token) as api:
        told = api.get_bot_info(_request_timeout=PATIENCE)
    return BotInfo(told.user_id, told.basic_id, told.display_name)


def set_webhook(token: str, url: str) -> None:
    """Have LINE post its events to `url`."""
    from linebot.v3 import messaging as sdk

    with messaging(token) as api:
        api.set_webhook_endpoint(
            sdk.SetWebhookEndpointRequest(endpoint=url), _request_timeout=PATIENCE
        )


def webhook_url(token: str) -> str:
    """Where LINE posts its events now; empty where nothing is entered."""
    from linebot.v3 import messaging as sdk

    with messaging(token) as api:
        try:
            return str(api.get_webhook_endpoint(_request_timeout=PATIENCE).endpoint or "")
        except sdk.ApiException as error:
            if error.status == 404:
                return ""
            raise


def test_webhook(token: str) -> bool:
    """Whether LINE reaches our webhook: it posts an empty, signed event there and says."""
    with messaging(token) as api:
        told = api.test_webhook_endpoint(_request_timeout=PATIENCE)
    return bool(told.success)


def quota(token: str) -> tuple[int | None, int]:
    """The month's limit (None: no end) and what was counted."""
    with messaging(token) as api:
        limit = api.get_message_quota(_request_timeout=PATIENCE)
        used = api.get_message_quota_consumption(_request_timeout=PATIENCE)
    return (limit.value if limit.type == "limited" else None), int(used.total_usage)


def reply(token: str, reply_token: str, messages: list[dict[str, Any]]) -> None:
    """Answer an event; free of charge."""
    from linebot.v3 import messaging as sdk

    request = sdk.ReplyMessageRequest.from_dict({"replyToken": reply_token, "messages": messages})
    with messaging(token) as api:
        api.reply_message(request, _request_timeout=PATIENCE)


def link_token(token: str, user_id: str) -> str:
    """A link token for a friend: ten minutes, once."""
    with messaging(token) as api:
        return str(api.issue_link_token(user_id, _request_timeout=PATIENCE).link_token)


def account_link_url(link_token: str, nonce: str) -> str:
    """Where a friend confirms that their LINE and their account are one."""
    told = urlencode({"linkToken": link_token, "nonce": nonce})
    return f"{runtime().settings.line_access_url.rstrip('/')}/dialog/bot/accountLink?{told}"


# --- the rich menu ------------------------------------------------------------------------------


def create_menu(token: str, menu: dict[str, Any], picture: bytes) -> str:
    """Make a menu with its picture and show it under every chat; returns its id."""
    from linebot.v3 import messaging as sdk

    with messaging(token) as api:
        made = api.create_rich_menu(
            sdk.RichMenuRequest.from_dict(menu), _request_timeout=PATIENCE
        ).rich_menu_id
    _send_picture(token, made, picture)
    with messaging(token) as api:
        api.set_default_rich_menu(made, _request_timeout=PATIENCE)
    return str(made)


def _send_picture(token: str, menu_id: str, picture: bytes) -> None:
    url = f"{runtime().settings.line_data_url.rstrip('/')}/v2/bot/richmenu/{menu_id}/content"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "image/png"}
    _asked(lambda: runtime().http.post(url, content=picture, headers=headers, timeout=30))


def delete_menu(token: str, menu_id: str) -> None:
    """Take a menu away."""
    with messaging(token) as api:
        api.delete_rich_menu(menu_id, _request_timeout=PATIENCE)


# --- LINE Login ---------------------------------------------------------------------------------


def authorize_url(client_id: str, redirect_uri: str, state: str, nonce: str) -> str:
    """Where a person says who they are on LINE, and may add the account as a friend."""
    told = urlencode(
        {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": "profile openid",
            "nonce": nonce,
            "bot_prompt": "aggressive",
        }
    )
    return f"{runtime().settings.line_access_url.rstrip('/')}/oauth2/v2.1/authorize?{told}"


@dataclass(frozen=True)
class LoggedIn:
    """Who came back from LINE, and whether they are a friend of the account."""

    user_id: str
    is_friend: bool


def log_in(
    client_id: str, client_secret: str, code: str, redirect_uri: str, nonce: str
) -> LoggedIn:
    """Redeem a code; the ID token is checked by LINE itself, with our nonce."""
    told = _form(
        "/oauth2/v2.1/token",
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": client_id,
            "client_secret": client_secret,
        },
    )
    claims = _form(
        "/oauth2/v2.1/verify",
        {"id_token": told.get("id_token", ""), "client_id": client_id, "nonce": nonce},
    )
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    url = f"{_host()}/friendship/v1/status"
    status = _asked(lambda: runtime().http.get(url, headers=bearer, timeout=PATIENCE[1]))
    return LoggedIn(str(claims["sub"]), bool(status.json().get("friendFlag")))


def check_login(client_id: str, client_secret: str) -> None:
    """Prove a Login channel's id and secret as far as LINE lets one without a person: a code that
    cannot be good is refused as a bad code, and not as a bad client."""
    try:
        _form(
            "/oauth2/v2.1/token",
            {
                "grant_type": "authorization_code",
                "code": "no-such-code",
                "redirect_uri": "https://localhost/",
                "client_id": client_id,
                "client_secret": client_secret,
            },
        )
    except GiveUp as error:
        if "invalid_grant" not in str(error):
            raise


def _form(path: str, values: dict[str, str]) -> dict[str, Any]:
    answer = _asked(
        lambda: runtime().http.post(f"{_host()}{path}", data=values, timeout=PATIENCE[1])
    )
    told: dict[str, Any] = answer.json()
    return told


def _asked(call: Any) -> httpx.Response:
    try:
        answer: httpx.Response = call()
    except httpx.HTTPError as error:
        raise TryLater(f"LINE did not answer: {type(error).__name__}") from error
    if answer.is_success:
        return answer
    reason = f"LINE: {answer.status_code} {_error(answer)}"
    if answer.status_code == 429 or answer.is_server_error:
        raise TryLater(reason)
    raise GiveUp(reason)


def _error(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("error") or told.get("message") or "")[:200]


def _host() -> str:
    return runtime().settings.line_api_url.rstrip("/")


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether LINE signed this body with the channel's secret."""
    from linebot.v3.webhook import SignatureValidator

    try:
        return bool(SignatureValidator(secret).validate(body.decode(), signature))
    except UnicodeDecodeError:
        return False
