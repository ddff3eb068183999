"""What every migration that makes a tenant's table says about it."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

#: The columns a dispatcher may see, and those of them it may write.
QUEUE_READS = "shop_id, id, lane, state, due_at, retry_at, lease_until, claim_token, attempts"
QUEUE_WRITES = "state, lease_until, claim_token, attempts"


def tenant_table(name: str) -> None:
    """Only rows of the bound shop exist for the app; with no shop bound, reading is an error."""
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {name}_of_shop ON {name} TO okaeri_app "
        "USING (shop_id = current_setting('okaeri.shop_id')::bigint) "
        "WITH CHECK (shop_id = current_setting('okaeri.shop_id')::bigint)"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO okaeri_app")


def queue_table(name: str) -> None:
    """A tenant's table whose rows fall due: dispatchers of all shops claim by its queue columns."""
    tenant_table(name)
    op.execute(f"CREATE POLICY {name}_for_dispatch ON {name} TO okaeri_dispatch USING (true)")
    op.execute(
        f"GRANT SELECT ({QUEUE_READS}), UPDATE ({QUEUE_WRITES}) ON {name} TO okaeri_dispatch"
    )


def host_table(name: str) -> None:
    """Belongs to the host: doors may add to it, only the owner reads it."""
    op.execute(f"GRANT INSERT ON {name} TO okaeri_app")


#: Nobody waits for a pool of codes to be tended, so time does not stop for it.
UNHURRIED = "discount_pools"


def watch_queues() -> None:
    """Have the time machine's two questions (migration 0016) look at every table that has the queue
    columns by now: call it after making a queue table."""
    tables = [
        name
        for (name,) in op.get_bind().execute(
            text(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
                "AND column_name = 'claim_token' ORDER BY table_name"
            )
        )
    ]
    due = " UNION ALL ".join(
        f"SELECT min(due_at) AS due FROM {name} WHERE state = 'scheduled'"
        " AND (retry_at IS NULL OR retry_at <= clock_timestamp())"
        for name in tables
        if name != UNHURRIED
    )
    busy = " UNION ALL ".join(
        f"SELECT count(*) AS rows FROM {name} WHERE state IN ('claimed', 'sending')"
        " OR (state = 'scheduled' AND due_at <= okaeri_now()"
        " AND (retry_at IS NULL OR retry_at <= clock_timestamp()))"
        for name in tables
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION okaeri_next_due() RETURNS timestamptz STABLE LANGUAGE sql "
        f"SECURITY DEFINER SET search_path = public AS $$ SELECT min(due) FROM ({due}) AS q $$"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION okaeri_unfinished() RETURNS bigint STABLE LANGUAGE sql "
        "SECURITY DEFINER SET search_path = public AS "
        f"$$ SELECT coalesce(sum(rows), 0)::bigint FROM ({busy}) AS q $$"
    )
