"""`okaeri demo`: everything at once on one machine, against the sandbox.

The demo is an ordinary host: it sets the same environment variables as any other and starts the
same commands. What it remembers (keys, ports) lies beside the data, so that a second start keeps
links, tokens and addresses alive.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click
from cryptography.fernet import Fernet

from app.cli.ports import Ports
from app.core import engines
from app.core.migrate import app_url, migrate
from app.core.supervisor import GaveUp, Process, run

ROOT = Path(__file__).resolve().parent.parent.parent
PORTS = {"app": 8000, "sandbox": 9100, "smtp": 9125}


@click.command()
@click.option("--data", default=".okaeri", show_default=True, type=click.Path(path_type=Path))
@click.option("--reset", is_flag=True, help="Forget everything the demo knows, and stop.")
def demo(data: Path, reset: bool) -> None:
    """Start the whole product with a simulated Shopify. Ctrl-C stops every process."""
    data = data.resolve()
    if reset:
        forget(data)
        return
    try:
        start(data)
    except (GaveUp, engines.EngineError) as error:
        raise click.ClickException(str(error)) from error


def forget(data: Path) -> None:
    """Stop the demo's servers and delete its data."""
    if data.is_dir():
        engines.destroy(data)
    click.echo("The demo's data is gone.")


def start(data: Path) -> None:
    """Start engines, migrate, run every process until someone stops them."""
    data.mkdir(parents=True, exist_ok=True)
    # Held to the end: a demo that starts beside this one chooses others.
    with Ports() as ports:
        serve(data, remember(data, ports))


def serve(data: Path, known: dict[str, str]) -> None:
    """Start everything on the ports that are known and held."""
    deploy(data, known)
    started = engines.start(data, say=click.echo)
    click.echo("Bringing the database up to date …")
    migrate(started.owner_url)
    env = environment(known, started, data)
    leave_word(data, env)
    try:
        run(
            processes(known, env),
            data_dir=data,
            ready=lambda: all(_answers(url) for url in (_urls(known))),
            on_ready=lambda: _welcome(known),
            say=click.echo,
        )
    finally:
        (data / "env").unlink(missing_ok=True)
        engines.stop(data)


def leave_word(data: Path, env: dict[str, str]) -> None:
    """Write down where everything is, for the commands one types beside the running demo."""
    file = data / "env"
    file.touch(mode=0o600)
    file.write_text(json.dumps(env))


def running_demo(data: Path) -> dict[str, str]:
    """The environment of the demo that runs on `data`; empty when none does."""
    try:
        found: dict[str, str] = json.loads((data / "env").read_text())
    except FileNotFoundError:
        return {}
    return found


def deploy(data: Path, known: dict[str, str]) -> None:
    """What `shopify app deploy` does for a host: build the widgets for this demo's address and hand
    them over with the app's configuration. The sandbox reads its own copy, as Shopify would."""
    address = {"APP_URL": app_address(known)}
    built = subprocess.run(
        ["make", "--no-print-directory", "widgets"], cwd=ROOT, env=os.environ | address, check=False
    )
    if built.returncode:
        raise click.ClickException("The thank-you block could not be built; see above.")
    deployed = data / "deployed"
    shutil.rmtree(deployed, ignore_errors=True)
    shutil.copytree(
        ROOT / "widgets", deployed / "widgets", ignore=shutil.ignore_patterns("node_modules", ".*")
    )
    shutil.copy(ROOT / "shopify.app.toml", deployed)


def app_address(known: dict[str, str]) -> str:
    """Where this demo's app is found."""
    return f"http://localhost:{known['app_port']}"


def remember(data: Path, ports: Ports) -> dict[str, str]:
    """Keys and ports of this demo: made at the first start, the same ever after. The ports are
    held."""
    file = data / "demo.json"
    if file.exists():
        known: dict[str, str] = json.loads(file.read_text())
        _insist_on(ports, known)
        return known
    made = {
        "secret_key": secrets.token_urlsafe(32),
        "encryption_key": Fernet.generate_key().decode(),
        "client_id": secrets.token_hex(16),
        "client_secret": secrets.token_hex(16),
        **{f"{name}_port": str(_chosen(ports, port)) for name, port in PORTS.items()},
    }
    file.touch(mode=0o600)
    file.write_text(json.dumps(made, indent=1))
    return made


def environment(known: dict[str, str], started: engines.Engines, data: Path) -> dict[str, str]:
    """What the demo's processes find in their environment: a host's settings, nothing else."""
    sandbox = f"http://localhost:{known['sandbox_port']}"
    return {
        "DATABASE_URL": app_url(started.owner_url),
        "DATABASE_OWNER_URL": started.owner_url,
        "REDIS_URL": started.redis_url,
        "APP_URL": app_address(known),
        "SECRET_KEYS": known["secret_key"],
        "ENCRYPTION_KEYS": known["encryption_key"],
        "SHOPIFY_CLIENT_ID": known["client_id"],
        "SHOPIFY_CLIENT_SECRET": known["client_secret"],
        "SHOPIFY_API_URL": sandbox + "/{shop}",
        "SHOPIFY_ADMIN_URL": sandbox + "/admin/store/{handle}",
        "SHOPIFY_FRAME_ANCESTORS": sandbox,
        "SHOPIFY_CDN_URL": sandbox + "/cdn",
        "LINE_API_URL": sandbox + "/line/api",
        "LINE_DATA_URL": sandbox + "/line/data",
        "LINE_ACCESS_URL": sandbox + "/line/access",
        "LINE_FRIEND_URL": sandbox + "/line",
        "LINE_NOTIFICATION_MESSAGES": "agreed",
        "SMTP_URL": f"smtp://127.0.0.1:{known['smtp_port']}",
        "MAIL_FROM": "Okaeri <no-reply@okaeri.example>",
        "OKAERI_DATA": str(data),
        "SANDBOX_URL": sandbox,
        "SHOPIFY_APP_TOML": str(data / "deployed" / "shopify.app.toml"),
        "SANDBOX_SMTP_PORT": known["smtp_port"],
    }


def processes(known: dict[str, str], env: dict[str, str]) -> list[Process]:
    """The same commands that a host runs, and the sandbox."""
    okaeri = [sys.executable, "-m", "app.cli"]
    everything = {**env, "PYTHONUNBUFFERED": "1"}
    return [
        Process("sandbox", [*okaeri, "sandbox", "serve"], everything),
        Process("web", [*okaeri, "web", "--port", known["app_port"]], everything),
        Process("worker", [*okaeri, "worker"], everything),
        Process("clock", [*okaeri, "clock"], everything),
    ]


def _urls(known: dict[str, str]) -> tuple[str, str]:
    return (
        f"http://127.0.0.1:{known['app_port']}/healthz",
        f"http://127.0.0.1:{known['sandbox_port']}/",
    )


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310  # a loopback address of our own
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _welcome(known: dict[str, str]) -> None:
    width = min(shutil.get_terminal_size().columns, 78)
    click.echo(
        "\n".join(
            (
                "",
                "─" * width,
                f"  Okaeri is ready.   Start here:  http://localhost:{known['sandbox_port']}/",
                "  おかえりの準備ができました。上のアドレスを開いてください。",
                "",
                "  1. Open a store's admin there, install Okaeri and switch its journeys on.",
                "  2. Buy something in its storefront; read the mails in the inbox.",
                "  3. Move time on with the time machine, or: .venv/bin/okaeri sandbox forward 2d",
                "  Ctrl-C stops everything; the next start keeps the data.",
                "─" * width,
            )
        )
    )


def _chosen(ports: Ports, wish: int) -> int:
    found = ports.choose(wish)
    if found is None:
        raise click.ClickException("No free port on this machine.")
    return found


def _insist_on(ports: Ports, known: dict[str, str]) -> None:
    """The demo's links name its ports: starting on others would break them, so say who is there."""
    for name in PORTS:
        port = int(known[f"{name}_port"])
        if not ports.hold(port):
            raise click.ClickException(
                f"Port {port} is taken. If the demo runs already, use it or stop it; "
                f"otherwise free the port, or run `make demo-reset` to start anew on others."
            )
