"""Everything the sandbox's pages call, on one page. See the package's docstring for the shapes."""

from __future__ import annotations

from app.sandbox.admin import (
    app_home_url,
    edit_shop,
    grant_optional,
    install,
    installation,
    issue_id_token,
    issue_session_token,
    missing_scopes,
    optional_grants,
    revoke_optional,
    staff,
    uninstall,
)
from app.sandbox.customers import (
    customer,
    customers,
    request_data,
    request_redaction,
    set_marketing,
    set_sms_marketing,
)
from app.sandbox.fulfilling import fulfill, open_lines
from app.sandbox.line.accounts import account_of as line_account
from app.sandbox.line.accounts import edit as edit_line_account
from app.sandbox.line.people import block as line_block
from app.sandbox.line.people import chat as line_chat
from app.sandbox.line.people import follow as line_follow
from app.sandbox.line.people import say as line_say
from app.sandbox.line.people import tap as line_tap
from app.sandbox.mail import clear_mails, mail, mail_raw, mails
from app.sandbox.orders import (
    cancel_order,
    create_pos_order,
    find_order,
    mark_paid,
    order,
    orders,
    refund_order,
)
from app.sandbox.parcels import SCENARIOS, advance_parcel, choose_scenario
from app.sandbox.proxy import ProxyAnswer, proxy_request
from app.sandbox.returns import (
    act_on_return,
    open_return,
    request_return,
    returnable,
    returns_of,
)
from app.sandbox.selling import (
    apply_codes,
    checkout,
    complete_checkout,
    create_checkout,
    update_checkout,
)
from app.sandbox.shops import get_shop, list_shops, product, product_by_handle, products, variant
from app.sandbox.store import Refused
from app.sandbox.subscriptions import stop_subscription
from app.sandbox.switches import set_switch, switches
from app.sandbox.timemachine import forward, forward_state, parse_duration, start_forward
from app.sandbox.webhooks import deliveries, delivery, redeliver

__all__ = [
    "SCENARIOS",
    "ProxyAnswer",
    "Refused",
    "act_on_return",
    "advance_parcel",
    "app_home_url",
    "apply_codes",
    "cancel_order",
    "checkout",
    "choose_scenario",
    "clear_mails",
    "complete_checkout",
    "create_checkout",
    "create_pos_order",
    "customer",
    "customers",
    "deliveries",
    "delivery",
    "edit_line_account",
    "edit_shop",
    "find_order",
    "forward",
    "forward_state",
    "fulfill",
    "get_shop",
    "grant_optional",
    "install",
    "installation",
    "issue_id_token",
    "issue_session_token",
    "line_account",
    "line_block",
    "line_chat",
    "line_follow",
    "line_say",
    "line_tap",
    "list_shops",
    "mail",
    "mail_raw",
    "mails",
    "mark_paid",
    "missing_scopes",
    "open_lines",
    "open_return",
    "optional_grants",
    "order",
    "orders",
    "parse_duration",
    "product",
    "product_by_handle",
    "products",
    "proxy_request",
    "redeliver",
    "refund_order",
    "request_data",
    "request_redaction",
    "request_return",
    "returnable",
    "returns_of",
    "revoke_optional",
    "set_marketing",
    "set_sms_marketing",
    "set_switch",
    "staff",
    "start_forward",
    "stop_subscription",
    "switches",
    "uninstall",
    "update_checkout",
    "variant",
]
