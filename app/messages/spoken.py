"""What one message says, frozen before the first attempt: the same whichever channel it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Spoken:
    """`subject` is what lists and notifications show, `plain` the words alone; `headers` and `html`
    are e-mail's, `payload` what another channel's API wants."""

    subject: str
    plain: str
    html: str = ""
    headers: dict[str, str] | None = None
    payload: dict[str, Any] | None = None
