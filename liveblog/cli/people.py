"""Commands about people. They work on the database; no server need be running."""

import sys

import click

from liveblog.cli.managing import PLACES, run
from liveblog.cli.options import setting_options
from liveblog.errors import ConfigError
from liveblog.model.people import ROLES, Role
from liveblog.types import Slug


@click.group()
def user() -> None:
    """Make, list and disable the people who work at the desk."""


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="What colleagues and readers call them.")
@click.option(
    "--role", type=click.Choice(ROLES), default="editor", show_default=True,
    help="What they may do.",
)  # fmt: skip
@click.option("--blog", "slug", metavar="SLUG", help="Only on this blog; otherwise on all.")
@click.option("--password-stdin", is_flag=True, help="Read their password from standard input.")
@setting_options(*PLACES)
def create_user(
    email: str, name: str, role: Role, slug: str | None, password_stdin: bool, **given: str | None
) -> None:
    """Make a person."""
    password = read_password() if password_stdin else None
    blog = Slug(slug) if slug else None
    run(lambda actions: actions.people.create(email, name, role, blog, password), **given)


def read_password() -> str:
    """The first line of standard input.

    :raises ConfigError: there is none.
    """
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ConfigError("--password-stdin needs a password on standard input.")
    return password
