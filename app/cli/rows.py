"""`okaeri replay` and `okaeri strays`: what failed is visible and can be done again."""

from __future__ import annotations

import os

import click
from sqlalchemy import create_engine, select

from app.cli.serve import app_at_hand
from app.core.db import unit_of_work
from app.core.errors import NotFound
from app.core.settings import Settings
from app.core.tenancy import find_shop
from app.inbox import queries, service
from app.inbox.model import StrayWebhook


@click.command()
@click.argument("domain")
@click.argument("webhook", required=False, type=int)
def replay(domain: str, webhook: int | None) -> None:
    """List the shop DOMAIN's webhooks in trouble, or handle number WEBHOOK of them again."""
    with app_at_hand():
        shop_id = find_shop(domain)
        if shop_id is None:
            raise click.ClickException(f"No shop {domain} ever installed Okaeri.")
        with unit_of_work(shop_id) as session:
            if webhook is None:
                for row in queries.problems(session):
                    click.echo(f"{row.id}\t{row.state}\t{row.topic}\t{row.error}")
            else:
                try:
                    service.replay(session, webhook)
                except NotFound as error:
                    raise click.ClickException(f"{domain} has no webhook {webhook}.") from error
                click.echo(f"Webhook {webhook} is on its way again.")


@click.command()
def strays() -> None:
    """List genuine webhooks of shops we do not know (the host's eyes only)."""
    settings = Settings.from_env(os.environ)
    if not settings.database_owner_url:
        raise click.UsageError("Set DATABASE_OWNER_URL: strays belong to the host.")
    engine = create_engine(settings.database_owner_url)
    with engine.connect() as connection:
        for row in connection.execute(select(StrayWebhook).order_by(StrayWebhook.id)):
            click.echo(f"{row.received_at:%Y-%m-%d %H:%M}\t{row.domain}\t{row.topic}")
