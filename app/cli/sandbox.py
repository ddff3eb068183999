"""`okaeri sandbox`: the simulated Shopify and its time machine."""

from __future__ import annotations

import os

import click


@click.group()
def sandbox() -> None:
    """The simulated Shopify. Not for production: it moves the clock."""


@sandbox.command()
def serve() -> None:
    """Run the sandbox's server, parcels, webhooks and mailbox."""
    from app.sandbox.app import run_sandbox
    from app.sandbox.settings import SandboxSettings

    run_sandbox(SandboxSettings.from_env(os.environ))


@sandbox.command()
@click.argument("span")
def forward(span: str) -> None:
    """Move business time on by SPAN (90m, 4h, 14d, 2w), from due moment to due moment."""
    from app.sandbox.settings import SandboxSettings
    from app.sandbox.timemachine import forward_command

    if not forward_command(SandboxSettings.from_env(os.environ), span):
        raise click.ClickException("The time machine did not arrive; the reason stands above.")
