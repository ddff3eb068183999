"""The time machine's two questions: what falls due next, and what is due and not yet dealt with.

They look across shops, so they run with the owner's rights and answer with a moment and a number.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

QUEUES = ("webhooks", "journal_deliveries", "journey_runs", "messages", "discount_codes")
# Nobody waits for a pool of codes to be tended, but the time machine does not run ahead of it.
BUSY_QUEUES = (*QUEUES, "discount_pools")

NEXT = " UNION ALL ".join(
    f"SELECT min(due_at) AS due FROM {table} WHERE state = 'scheduled'"
    " AND (retry_at IS NULL OR retry_at <= clock_timestamp())"
    for table in QUEUES
)

BUSY = " UNION ALL ".join(
    f"SELECT count(*) AS rows FROM {table} WHERE state IN ('claimed', 'sending')"
    " OR (state = 'scheduled' AND due_at <= okaeri_now()"
    " AND (retry_at IS NULL OR retry_at <= clock_timestamp()))"
    for table in BUSY_QUEUES
)


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION okaeri_next_due() RETURNS timestamptz STABLE LANGUAGE sql "
        f"SECURITY DEFINER SET search_path = public AS $$ SELECT min(due) FROM ({NEXT}) AS q $$"
    )
    op.execute(
        "CREATE FUNCTION okaeri_unfinished() RETURNS bigint STABLE LANGUAGE sql SECURITY DEFINER "
        "SET search_path = public AS "
        f"$$ SELECT coalesce(sum(rows), 0)::bigint FROM ({BUSY}) AS q $$"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION okaeri_unfinished()")
    op.execute("DROP FUNCTION okaeri_next_due()")
