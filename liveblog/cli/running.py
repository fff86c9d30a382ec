"""Commands that run until they are stopped."""

from typing import Any

import click

from liveblog.cli.options import read_settings, setting_options


@click.command()
@setting_options()
def serve(**given: Any) -> None:
    """Run everything: web processes, workers and, unless configured, Valkey and SQLite."""
    from liveblog.server import run_serve

    run_serve(read_settings(**given))


@click.command()
@setting_options()
def web(**given: Any) -> None:
    """Run one web process; the database and the broker must be there."""
    from liveblog.server import run_web

    run_web(read_settings(**given))


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@setting_options("data_dir", "database_url", "redis_url", "log_level")
def worker(names: tuple[str, ...], **given: Any) -> None:
    """Run workers; the database and the broker must be there."""
    from liveblog.server import run_worker

    run_worker(read_settings(**given), names)


@click.command()
@setting_options("host", "port", "data_dir", "log_level")
@click.option(
    "--pace",
    type=click.FloatRange(min=0.01),
    default=4.0,
    show_default=True,
    help="Seconds between two changes, about.",
)
def demo(**given: Any) -> None:
    """Run a server with a live page that keeps moving, to look at.

    Everything lives in a folder of its own and is gone afterwards, unless --data-dir names
    one. Where port 8000 is taken, the next free one is used.
    """
    from liveblog.demo.run import run_demo

    run_demo(**given)
