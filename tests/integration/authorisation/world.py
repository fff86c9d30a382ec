"""The world of the authorisation table: blogs of each visibility, everybody who may ask, and
entries in each state. It is made once for all tests and copied.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

from liveblog.actions import OPERATOR, Ask
from liveblog.actions.tokens import digest_of
from liveblog.model.blog import Visibility
from liveblog.model.entry import Entry
from liveblog.model.people import ROLES, Role
from liveblog.model.permissions import SCOPES, Principal
from liveblog.types import Revision, Slug
from liveblog.web.auth import COOKIE
from liveblog.wire.requests import NewEntry, PatchEntry
from tests.people import OURS, person, session
from tests.served import Served, serving

VISIBILITIES = get_args(Visibility)
ELSEWHERE = "elsewhere"
"""A blog on which the outsiders have their roles."""

GROUPS: dict[str, tuple[str, ...]] = {
    "N": ("nobody", "disabled", "expired", "wrong cookie"),
    "Z": ("no role",),
    "O": ("token elsewhere", *(f"{role} elsewhere" for role in ROLES)),
    "R": ("token read",),
    "S": ("token submit", "contributor", "house contributor"),
    "W": ("token write", "editor", "house editor"),
    "A": ("token admin here", "chief", "token admin", "house chief"),
}
"""Who asks, by what they may do on the blogs of each visibility: nobody; somebody without any
role; those with a role or token elsewhere; and readers, submitters, writers, chiefs."""
HOUSE = ("token admin", "house chief")
EVERYBODY = tuple(name for names in GROUPS.values() for name in names)

SECRETS = {
    "draft": "a Draft of MINE",
    "submitted": "a Submission of MINE",
    "scheduled": "a Scheduled thing",
    "embargoed": "an Embargoed thing",
    "dropped": "a Dropped draft",
    "retracted": "a Retracted word",
    "before": "an Earlier wording",
}
"""What each entry that readers must not see says."""
MARK = "QZXJQ"
"""Stands in every secret; no id and no hash has it, as they are in lower case."""


class World(Struct):
    """What there is: headers by asker, ids of entries by blog, owner and name, ids of people,
    and the day, in the blogs' zone, on which it was made."""

    headers: dict[str, dict[str, str]]
    entries: dict[str, dict[str, dict[str, str]]]
    people: dict[str, str]
    day: str


def secret(name: str, owner: str) -> str:
    """What an entry says."""
    return f"{MARK} {SECRETS[name]} {owner}"


async def build(folder: Path) -> World:
    """Make it."""
    async with serving(folder) as served:
        for slug in (*VISIBILITIES, ELSEWHERE):
            visible = "public" if slug == ELSEWHERE else slug
            await served.blog(slug, visibility=visible, title=f"Blog {slug}")
        world = World({}, {}, {}, str(datetime.now(ZoneInfo("Europe/Kyiv")).date()))
        owners = await _askers(served, world)
        for slug in VISIBILITIES:
            world.entries[slug] = {
                owner: await _entries(served, slug, owner, who) for owner, who in owners.items()
            }
    return world


async def _askers(served: Served, world: World) -> dict[str, Principal]:
    """Everybody; those who own entries are given back."""
    actions, headers = served.actions, world.headers
    owners: dict[str, Principal] = {}

    async def signed(name: str, role: Role | None, *slugs: str) -> str:
        who = await person(actions, None if slugs else role, name=name.replace(" ", "-"))
        for slug in slugs:
            assert role is not None
            await actions.people.set_member(Slug(slug), who.id, role, OPERATOR)
        value = await session(actions, who)
        headers[name] = {"Cookie": f"{COOKIE}={value}", **OURS}
        world.people[name] = who.id
        found = await actions.sessions.principal(value)
        assert found is not None
        owners[name] = found
        return value

    headers["nobody"] = {}
    headers["wrong cookie"] = {"Cookie": f"{COOKIE}={'x' * 43}", **OURS}
    for role in ROLES:
        await signed(role, role, *VISIBILITIES)
        await signed(f"{role} elsewhere", role, ELSEWHERE)
        await signed(f"house {role}", role)
    await signed("no role", None)
    gone = await signed("disabled", "editor", *VISIBILITIES)
    assert gone
    found = await served.store.inner.read(lambda tx: tx.person(world.people["disabled"]))
    assert found is not None
    await actions.people.disable(found.email)
    expired, past = await signed("expired", "editor", *VISIBILITIES), datetime.now(UTC)
    digest = digest_of(expired)
    await served.store.inner.write(lambda tx: tx.touch_session(digest, past, past))
    for scope in SCOPES:
        headers[f"token {scope}"] = {"Authorization": f"Bearer {await served.token(scope)}"}
    for slug in (*VISIBILITIES, ELSEWHERE):
        bound = {"Authorization": f"Bearer {await served.token('admin', slug)}"}
        headers["token elsewhere" if slug == ELSEWHERE else f"token admin {slug}"] = bound
    return {name: owners[name] for name in ("contributor", "editor")}


async def _entries(served: Served, slug: str, owner: str, who: Principal) -> dict[str, str]:
    """An entry in each state, by its name; what an owner may not do, the operator does."""
    entries, ask, ids = served.actions.entries, Ask(who), dict[str, str]()
    later = datetime.now(UTC) + timedelta(days=1)

    async def make(name: str, words: str, **fields: Any) -> Entry:
        new = NewEntry(headline=words, body=words, tags=(words[:60],), **fields)
        outcome = await entries.create(Slug(slug), new, ask)
        assert isinstance(outcome.value, Entry)
        ids[name] = outcome.value.id
        return outcome.value

    async def move(entry: Entry, **fields: Any) -> Entry:
        patch = PatchEntry(**fields)
        operator = Ask(OPERATOR, match=Revision(entry.revision))
        outcome = await entries.revise(Slug(slug), entry.id, patch, operator)
        assert isinstance(outcome.value, Entry)
        return outcome.value

    await make("draft", secret("draft", owner), state="draft")
    await make("submitted", secret("submitted", owner), state="submitted")
    entry = await make("scheduled", secret("scheduled", owner), state="draft")
    await move(entry, state="scheduled", publish_at=later)
    entry = await make("embargoed", secret("embargoed", owner), state="draft", key=True)
    await move(entry, state="scheduled", publish_at=later, embargo=True)
    entry = await make("dropped", secret("dropped", owner), state="draft")
    await entries.retract(Slug(slug), entry.id, None, Ask(OPERATOR, match=entry.revision))
    entry = await make("published", secret("before", owner), state="draft")
    entry = await move(entry, state="published", headline=None, body="Public words", tags=())
    assert entry.state == "published"
    entry = await make("retracted", secret("retracted", owner), state="draft", key=True)
    entry = await move(entry, state="published")
    await entries.retract(Slug(slug), entry.id, None, Ask(OPERATOR, match=entry.revision))
    return ids


class Made:
    """The world, made, to be copied."""

    def __init__(self, folder: Path) -> None:
        self.world = asyncio.run(build(folder))
        self._folder = folder

    @asynccontextmanager
    async def serving(self, folder: Path, **options: Any) -> AsyncIterator[Served]:
        """A server with a copy of it; readers' streams are in this process's memory."""
        shutil.copy(self._folder / "liveblog.db", folder / "liveblog.db")
        async with serving(folder, **options) as served:
            yield served


def headers_of(world: World, asker: str, slug: str) -> dict[str, str]:
    """What an asker shows; a token for one blog is another one for each of them."""
    return world.headers[asker if asker != "token admin here" else f"token admin {slug}"]
