"""Commands about blogs and tokens. They work on the database; no server need be running."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from liveblog.cli.options import read_settings, server_url, setting_options
from liveblog.model.blog import VISIBILITIES, Blog
from liveblog.model.permissions import SCOPES, Scope
from liveblog.types import Slug

if TYPE_CHECKING:
    from liveblog.actions import Actions
    from liveblog.store.contract import Tx

T = TypeVar("T")

PLACES = ("data_dir", "database_url", "redis_url")
"""The settings that say where everything is kept."""


def run(work: "Callable[[Actions], Awaitable[T]]", **given: str | None) -> T:
    """Do it with actions on the database of the settings."""
    from liveblog.actions import open_actions

    async def inside() -> T:
        async with open_actions(read_settings(**given)) as actions:
            return await work(actions)

    return asyncio.run(inside())


@click.group()
def blog() -> None:
    """Make and list blogs."""


@blog.command("create")
@click.argument("slug")
@click.option("--title", required=True, help="What it is called.")
@click.option("--headline", default="", help="The headline of the live page.")
@click.option("--standfirst", default="", help="The sentences below the headline.")
@click.option(
    "--visibility", type=click.Choice(VISIBILITIES), default="draft", show_default=True,
    help="Who may read it.",
)  # fmt: skip
@click.option("--lang", default="en", show_default=True, help="The language, as in HTML.")
@click.option("--time-zone", default="UTC", show_default=True, help="The time zone of the event.")
@setting_options(*PLACES)
def create_blog(slug: str, **given: str | None) -> None:
    """Make a blog; prints its address."""
    from liveblog.wire.requests import NewBlog, read

    places = {name: given.pop(name) for name in PLACES}
    new = read(msgspec.json.encode({"slug": slug, **given}), NewBlog)
    run(lambda actions: actions.create_blog(new), **places)
    click.echo(f"{server_url(read_settings(**places))}/blogs/{slug}")


@blog.command("list")
@setting_options(*PLACES)
def list_blogs(**given: str | None) -> None:
    """List all blogs, newest first: slug, visibility, status, title."""

    async def work(actions: "Actions") -> list[Blog]:
        found: list[Blog] = []
        while page := await actions.door.store.read(partial(_page_after, found)):
            found += page
        return found

    for one in run(work, **given):
        click.echo(f"{one.slug}\t{one.visibility}\t{one.status}\t{one.title}")


def _page_after(found: list[Blog], tx: "Tx") -> list[Blog]:
    return tx.blogs(VISIBILITIES, before=found[-1].id if found else None)


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of services and scripts."""


@token.command("create")
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), required=True, help="What it allows.")
@click.option("--blog", "slug", metavar="SLUG", help="Only for this blog.")
@setting_options(*PLACES)
def create_token(name: str, scope: Scope, slug: str | None, **given: str | None) -> None:
    """Make a token; prints it alone, this once: only its hash is kept."""
    bound = Slug(slug) if slug else None
    click.echo(run(lambda actions: actions.create_token(name, scope, bound), **given))


@token.command("list")
@setting_options(*PLACES)
def list_tokens(**given: str | None) -> None:
    """List all tokens, oldest first: id, scope, when made, when revoked, name."""
    for one in run(lambda actions: actions.list_tokens(), **given):
        revoked = f"{one.revoked_at:%Y-%m-%dT%H:%M:%SZ}" if one.revoked_at else "-"
        click.echo(
            f"{one.id}\t{one.scope}\t{one.created_at:%Y-%m-%dT%H:%M:%SZ}\t{revoked}\t{one.name}"
        )


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@setting_options(*PLACES)
def revoke_token(token_id: str, **given: str | None) -> None:
    """End a token; streams that were opened with it close within seconds."""
    run(lambda actions: actions.revoke_token(token_id), **given)
