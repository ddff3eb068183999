"""What is odd about an address, and what became of it, in the reader's words."""

from __future__ import annotations

from app.core.locale import gettext as _

#: A problem's code → what the buyer reads (message ids; see the catalogue).
PROBLEMS = {
    "zip_missing": "The postal code is missing or does not have seven digits.",
    "zip_unknown": "This postal code does not exist.",
    "zip_elsewhere": "The postal code does not match the address.",
    "prefecture": "The prefecture does not match the postal code and town.",
    "misplaced": "The prefecture or town appears twice or in the wrong field.",
    "number_missing": "The house number is missing.",
    "room_missing": "This looks like an apartment. Is there a room number?",
    "phone": "The phone number is not valid.",
    "written": "Sorting machines may misread the numbers or hyphens.",
}
#: The same for the merchant's tables.
SHORT = {
    "zip_missing": "No postal code",
    "zip_unknown": "Unknown postal code",
    "zip_elsewhere": "Postal code of another place",
    "prefecture": "Wrong prefecture",
    "misplaced": "In the wrong field",
    "number_missing": "No house number",
    "room_missing": "Room number?",
    "phone": "Phone number",
    "written": "Hard to read for machines",
}
#: Why a change was refused → what the buyer reads.
REFUSED = {
    "shipped": "Your order is already being packed or on its way, so its address can no longer be "
    "changed here. Please contact us at once if it is wrong.",
    "over": "The time in which the address can be changed here is over. Please contact us if it is "
    "wrong.",
    "cancelled": "This order was cancelled, so the address was not changed.",
    "changed": "We have changed the address of this order meanwhile. Please look at it again.",
}
#: Why a person looks at it → what the merchant reads.
LEFT = {
    "no_scope": "Okaeri may not change orders in your store.",
    "far": "It would go to another prefecture.",
    "doubtful": "The new address does not fit its postal code.",
    "not_accepted": "Shopify did not accept the new address.",
    "raced": "It was changed in the moment in which the order was shipped.",
}


def problem(code: str) -> str:
    """What is odd, for the buyer."""
    return _(PROBLEMS[code])


def short(code: str) -> str:
    """What is odd, for the merchant."""
    return _(SHORT[code])


def refused(reason: str) -> str:
    """Why it was not changed, for the buyer."""
    return _(REFUSED.get(reason, REFUSED["shipped"]))


def left(reason: str) -> str:
    """Why a person looks at it, for the merchant; empty for none."""
    return _(LEFT[reason]) if reason in LEFT else ""


def told(state: str, reason: str, *, sent: bool) -> str:
    """What became of the buyer's wish, for them; empty while there was none."""
    if state == "refused":
        return refused(reason)
    if sent and state in ("asked", "person"):
        return _(
            "Your order has left meanwhile. A person of the shop has your wish and sees what can "
            "still be done."
        )
    words = {
        "asked": _("We are changing the address. Please check again in a moment."),
        "done": _("Thank you. The address has been changed, and your order will go there."),
        "person": _(
            "Thank you. A person of the shop looks at the new address before your order is shipped."
        ),
        "kept": _("Thank you. Your order will go to the address you entered."),
    }
    return words.get(state, "")
