"""The benches use the messages' fixtures."""

from tests.messages.conftest import noon

__all__ = ["noon"]
