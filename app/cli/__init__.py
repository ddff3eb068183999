"""The command line: `okaeri web | worker | clock | demo | sandbox | replay | journeys | db …`."""

from __future__ import annotations

import os
import sys

import click

from app.cli.carriers import carriers
from app.cli.database import db
from app.cli.demo import demo
from app.cli.journeys import journeys
from app.cli.rows import replay, strays
from app.cli.sandbox import sandbox
from app.cli.serve import clock, web, worker
from app.core.settings import MissingSettings


@click.group()
def commands() -> None:
    """Okaeri: everything after "Pay now"."""


for command in (web, worker, clock, db, demo, sandbox, replay, strays, carriers, journeys):
    commands.add_command(command)


def main() -> None:
    """Entry of the `okaeri` script: a missing setting is a sentence, not a traceback."""
    try:
        commands()
    except MissingSettings as error:
        click.echo(str(error), err=True)
        sys.exit(os.EX_CONFIG)
