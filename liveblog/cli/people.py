"""Commands about people. They work on the database; no server need be running."""

import sys
from typing import TYPE_CHECKING

import click

from liveblog.cli.managing import PLACES, run
from liveblog.cli.options import read_settings, server_url, setting_options
from liveblog.errors import ConfigError
from liveblog.model.people import ROLES, Invitation, Person, Role
from liveblog.types import Slug
from liveblog.wire.links import Links

if TYPE_CHECKING:
    from liveblog.actions import Actions
    from liveblog.store.contract import Tx


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
    """Make a person; prints a link with which they choose a password."""
    password = read_password() if password_stdin else None
    blog = Slug(slug) if slug else None

    async def work(actions: "Actions") -> str | None:
        await actions.people.create(email, name, role, blog, password)
        return None if password else (await actions.invitations.renew(email)).token

    _say(run(work, **given), **given)


@user.command("list")
@setting_options(*PLACES)
def list_users(**given: str | None) -> None:
    """List everybody, oldest first: e-mail, role on the house, roles on blogs, disabled, name."""

    def everybody(tx: "Tx") -> list[tuple[Person, dict[Slug, Role]]]:
        found: list[Person] = []
        while page := tx.people(after=found[-1].id if found else ""):
            found += page
        roles = tx.roles([one.id for one in found])
        return [(one, roles.get(one.id, {})) for one in found]

    for person, blogs in run(lambda actions: actions.door.store.read(everybody), **given):
        on = ",".join(f"{slug}:{role}" for slug, role in blogs.items())
        gone = f"{person.disabled_at:%Y-%m-%dT%H:%M:%SZ}" if person.disabled_at else "-"
        click.echo(f"{person.email}\t{person.role or '-'}\t{on or '-'}\t{gone}\t{person.name}")


@user.command("disable")
@click.argument("email")
@setting_options(*PLACES)
def disable_user(email: str, **given: str | None) -> None:
    """End whatever a person may do; wherever they are signed in, that ends within seconds."""
    run(lambda actions: actions.people.disable(email), **given)


@user.command("reset")
@click.argument("email")
@setting_options(*PLACES)
def reset_user(email: str, **given: str | None) -> None:
    """End a person's password and sessions; prints a link with which they choose a new one."""
    _say(run(lambda actions: actions.invitations.renew(email), **given).token, **given)


@click.group()
def invitation() -> None:
    """List and withdraw the invitations that nobody has taken."""


@invitation.command("list")
@setting_options(*PLACES)
def list_invitations(**given: str | None) -> None:
    """List them, oldest first: id, e-mail, role, blog (the house: -), until when, by whom."""
    from liveblog.actions.door import utc_now
    from liveblog.queries.people import Pending, pending

    def everything(tx: "Tx") -> list[Pending]:
        now = utc_now()
        found: list[Invitation] = []
        while page := tx.pending_invitations(now, after=found[-1].id if found else ""):
            found += page
        return pending(tx, found)

    for one, blog, by in run(lambda actions: actions.door.store.read(everything), **given):
        until = f"{one.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        click.echo(f"{one.id}\t{one.email}\t{one.role}\t{blog or '-'}\t{until}\t{by or one.by}")


@invitation.command("withdraw")
@click.argument("invitation_id", metavar="ID")
@setting_options(*PLACES)
def withdraw_invitation(invitation_id: str, **given: str | None) -> None:
    """End an invitation; its link says what an expired one says."""
    from liveblog.actions import OPERATOR

    run(lambda actions: actions.invitations.withdraw(invitation_id, OPERATOR), **given)


def _say(token: str | None, **given: str | None) -> None:
    """Print the link of an invitation."""
    if token is not None:
        click.echo(Links(server_url(read_settings(**given)).rstrip("/")).join(token))


def read_password() -> str:
    """The first line of standard input.

    :raises ConfigError: there is none.
    """
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ConfigError("--password-stdin needs a password on standard input.")
    return password
