"""Connect the account, link people, note what they ask, count what is spent."""

from app.line.service.accounts import (
    Channels,
    connect,
    disconnect,
    keep_menu,
    keep_quota,
    set_limits,
    set_notices,
    set_webhook,
)
from app.line.service.chat import (
    on_account_link,
    on_follow,
    on_message,
    on_postback,
    on_unfollow,
    settle_question,
)
from app.line.service.linking import (
    erase_person,
    export_person,
    forget_leavers,
    link,
    offer_code,
    use_nonce,
)
from app.line.service.relaying import keep_whole, on_relay, whole
from app.line.service.spending import give_back, reserve

__all__ = [
    "Channels",
    "connect",
    "disconnect",
    "erase_person",
    "export_person",
    "forget_leavers",
    "give_back",
    "keep_menu",
    "keep_quota",
    "keep_whole",
    "link",
    "offer_code",
    "on_account_link",
    "on_follow",
    "on_message",
    "on_postback",
    "on_relay",
    "on_unfollow",
    "reserve",
    "set_limits",
    "set_notices",
    "set_webhook",
    "settle_question",
    "use_nonce",
    "whole",
]
