"""`python -m tests.story`: tell it, and end with what passed and what failed."""

from __future__ import annotations

import sys

from tests.story.telling import tell

sys.exit(1 if tell() else 0)
