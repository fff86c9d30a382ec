"""Commands for whoever keeps a server: migrate, check, epoch renew."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import click

from liveblog.cli.frame import Failure
from liveblog.cli.options import read_settings, setting_options
from liveblog.config import Settings, prepare_folder, valkey_socket
from liveblog.errors import LiveblogError, StorageTrouble
from liveblog.types import Slug

PATIENCE = 5.0
"""Seconds for which ``check`` waits for the broker."""

UNTOLD = timedelta(minutes=3)
"""A change is told twice, half a minute apart; a hook that was away is tried each minute."""

UNMADE = timedelta(minutes=5)
"""A picture takes seconds; one whose worker died is another's after four minutes."""


@click.command()
@setting_options("data_dir", "database_url")
def migrate(**given: str | None) -> None:
    """Make the data folder and bring the database to the newest schema."""
    from liveblog.store import migrate as migrate_store

    settings = read_settings(**given)
    prepare_folder(settings)
    applied = migrate_store(settings.store_url)
    done = f"brought to {applied[-1]}" if applied else "up to date already"
    click.echo(f"The database {_place(settings)} is {done}.")


@click.group()
def epoch() -> None:
    """The history that cursors belong to."""


@epoch.command("renew")
@click.option("--blog", "slug", metavar="SLUG", help="Only this blog.")
@setting_options("data_dir", "database_url", "redis_url")
def renew(slug: str | None, **given: str | None) -> None:
    """Begin a new history: the last step of any restore of the database.

    Cursors of readers may lie ahead of a restored log. A new epoch makes each of them take
    a fresh snapshot instead of waiting for numbers that were given out before.
    """
    from liveblog.actions import open_actions

    async def work() -> list[Slug]:
        async with open_actions(read_settings(**given)) as actions:
            return await actions.renew_epoch(Slug(slug) if slug else None)

    for name in asyncio.run(work()):
        click.echo(name)


@click.command()
@setting_options("data_dir", "database_url", "redis_url")
def check(**given: str | None) -> None:
    """Say whether the configuration is sound and everything can be reached."""
    settings = read_settings(**given)
    click.echo("ok    settings: every one can be read")
    problems = asyncio.run(_check(settings))
    if problems:
        raise Failure(f"{problems} of the above needs you.")


async def _check(settings: Settings) -> int:
    """Try each part, say how it went; how many did not work."""
    problems = 0
    parts = [("database", _check_store), ("broker", _check_broker), ("people", _check_people)]
    parts.append(("media", _check_media))
    if settings.oidc_issuer:
        parts.append(("single sign-on", _check_oidc))
    if settings.purge_url:
        parts += [("purge hook", _check_purge), ("outbox", _check_outbox)]
    for name, attempt in parts:
        try:
            click.echo(f"ok    {name}: {await attempt(settings)}")
        except LiveblogError as error:
            click.echo(f"fails {name}: {error}")
            problems += 1
    return problems


async def _check_store(settings: Settings) -> str:
    from liveblog.store import open_store

    store = await open_store(settings.store_url)
    try:
        await store.read(lambda tx: tx.blogs(("public",), limit=1))
    finally:
        await store.close()
    return f"{_place(settings)} answers and its schema is the newest"


async def _check_broker(settings: Settings) -> str:
    """A message to ourselves must come back: a connection alone proves nothing."""
    from liveblog.broker.redis import RedisBroker

    if not settings.redis_url and not valkey_socket(settings.folder).exists():
        return "the embedded Valkey is not running; liveblog serve starts it"
    broker = RedisBroker(settings.broker_url, prefix=settings.redis_prefix, probe_interval=0.1)
    await broker.start()
    try:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if broker.heard_at > 0:
                return "a message to ourselves came back"
            await asyncio.sleep(0.02)
    finally:
        await broker.stop()
    where = "LIVEBLOG_REDIS_URL" if settings.redis_url else settings.broker_url
    raise LiveblogError(
        f"{where} did not carry a message to ourselves within {PATIENCE:.0f} s:"
        " see that it runs, that the address is right and that we may sign in."
    )


async def _check_people(settings: Settings) -> str:
    """Somebody must be able to let others in; a house of services alone needs nobody."""
    from liveblog.store import open_store

    store = await open_store(settings.store_url)
    try:
        chiefs = await store.read(lambda tx: tx.chiefs())
    finally:
        await store.close()
    if not chiefs:
        return "the desk has no chief yet: liveblog user create EMAIL --name NAME --role chief"
    return f"the house has {len(chiefs)} " + ("chief" if len(chiefs) == 1 else "chiefs")


async def _check_oidc(settings: Settings) -> str:
    """What the provider says of itself must be there and be of the provider."""
    from liveblog.oidc import OidcFailed, oidc_of

    oidc = oidc_of(settings, "")
    assert oidc is not None
    try:
        await oidc.discover()
    except OidcFailed as error:
        raise LiveblogError(f"LIVEBLOG_OIDC_ISSUER does not answer as one: {error}.") from None
    return "the provider answers"


async def _check_purge(settings: Settings) -> str:
    """Without addresses there is nothing to purge: the hook only answers."""
    from liveblog.hooks import Hook, HookFailed, Purge

    try:
        await Hook(settings.purge_url, settings.purge_token).post(Purge())
    except HookFailed as error:
        raise LiveblogError(
            f"LIVEBLOG_PURGE_URL does not take a call: {error}. Until it does, caches are not"
            " told what was withdrawn."
        ) from None
    return "it took a call without addresses"


async def _check_media(settings: Settings) -> str:
    """A file goes in and comes out, and no picture waits for long."""
    from liveblog.media import open_storage
    from liveblog.media.storage import in_full
    from liveblog.model.quota import size_of
    from liveblog.store import open_store

    if not settings.media_url and not settings.folder.exists():
        raise LiveblogError(f"There is no data folder {settings.folder}; liveblog serve makes it.")
    try:
        told = await open_storage(settings).check()
    except StorageTrouble as error:
        raise LiveblogError(f"Pictures cannot be kept: {in_full(error)}") from None
    store = await open_store(settings.store_url)
    try:
        waiting, oldest = await store.read(lambda tx: tx.media_waiting())
        today = await store.read(lambda tx: tx.uploads_on(datetime.now(UTC).date()))
        stored = (await store.read(lambda tx: tx.media_used("", datetime.now(UTC).date()))).house
    finally:
        await store.close()
    if oldest is not None and datetime.now(UTC) - oldest > UNMADE:
        raise LiveblogError(
            f"pictures wait to be made ready ({waiting}, the first since"
            f" {oldest:%Y-%m-%dT%H:%M:%SZ}): see that liveblog serve or liveblog worker media runs."
        )
    if stored >= settings.media_house_bytes:
        raise LiveblogError(
            f"media take {size_of(stored)}, as much as LIVEBLOG_MEDIA_HOUSE_BYTES allows: nobody"
            " can upload. Raise it, or delete in the libraries what no entry uses."
        )
    used = f"{size_of(stored)} of {size_of(settings.media_house_bytes)} used"
    sent = sum(one.uploads for one in today), size_of(sum(one.bytes for one in today))
    return f"{told}; {used}; today {sent[0]} uploads, {sent[1]}, of {len(today)} people and tokens"


async def _check_outbox(settings: Settings) -> str:
    """A change that waits for long has no worker."""
    from liveblog.store import open_store

    store = await open_store(settings.store_url)
    try:
        waiting, oldest = await store.read(lambda tx: tx.backlog("purge"))
    finally:
        await store.close()
    if oldest is not None and datetime.now(UTC) - oldest > UNTOLD:
        raise LiveblogError(
            f"changes wait for the purge hook ({waiting}, the first since"
            f" {oldest:%Y-%m-%dT%H:%M:%SZ}): see that liveblog serve or liveblog worker purge runs."
        )
    return "no change waits for the purge hook for long"


def _place(settings: Settings) -> str:
    """The database without its password."""
    url = settings.store_url
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
