"""What messages' tests buy and say, for tests of what becomes of it."""

from __future__ import annotations

from tests.messages.conftest import bought, noon

__all__ = ["bought", "noon"]
