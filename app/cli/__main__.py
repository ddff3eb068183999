"""`python -m app.cli` is `okaeri`."""

from app.cli import main

main()
