"""Write the next numbered migration from what the models say now (`make migration name=…`).

It compares the models with a database that has every migration so far, made for the purpose on the
embedded PostgreSQL and thrown away afterwards. Read what it writes: row-level security, grants and
data are never seen by the comparison.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from app.core import engines
from app.core.migrate import MIGRATIONS, config, migrate


def main(name: str) -> None:
    """Start a throwaway database, bring it up to date, and write the difference."""
    last = max(int(path.name[:4]) for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    with tempfile.TemporaryDirectory(prefix="okaeri-migration-") as folder:
        try:
            url = engines.start(Path(folder), durable=False).owner_url
            migrate(url)
            made = config(url)
            made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            command.revision(made, message=name, autogenerate=True, rev_id=f"{last + 1:04d}")
        finally:
            engines.stop(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1])
