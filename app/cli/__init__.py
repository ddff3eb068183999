"""The command line: `okaeri web | worker | clock | demo | sandbox | journeys | messages | db …`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from app.cli.carriers import carriers
from app.cli.database import db
from app.cli.demo import demo, running_demo
from app.cli.journeys import journeys
from app.cli.messages import messages
from app.cli.rows import replay, strays
from app.cli.sandbox import sandbox
from app.cli.serve import clock, web, worker
from app.core.settings import MissingSettings

#: What one types beside a running demo: without settings of their own they take the demo's.
BESIDE_THE_DEMO = {"sandbox", "replay", "strays", "journeys", "messages"}


@click.group()
@click.pass_context
def commands(context: click.Context) -> None:
    """Okaeri: everything after "Pay now"."""
    if context.invoked_subcommand in BESIDE_THE_DEMO and "DATABASE_URL" not in os.environ:
        os.environ.update(running_demo(Path(".okaeri")))


for command in (
    web,
    worker,
    clock,
    db,
    demo,
    sandbox,
    replay,
    strays,
    carriers,
    journeys,
    messages,
):
    commands.add_command(command)


def main() -> None:
    """Entry of the `okaeri` script: a missing setting is a sentence, not a traceback."""
    try:
        commands()
    except MissingSettings as error:
        click.echo(str(error), err=True)
        sys.exit(os.EX_CONFIG)
