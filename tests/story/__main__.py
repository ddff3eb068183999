"""`python -m tests.story`: tell it, and end with what passed and what failed. Words after it choose
chapters (`Installing LINE`); nothing works without the first."""

from __future__ import annotations

import sys

from tests.story.telling import tell

sys.exit(1 if tell(*sys.argv[1:]) else 0)
