"""A page worth looking at: the facts of the demo, in our own words, as views."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from msgspec.structs import replace

from liveblog.errors import Unavailable
from liveblog.fanout.hub import Open
from liveblog.fanout.topic import Topic
from liveblog.model.entry import Byline, Edit, Embed, Media, Quote, Source
from liveblog.model.permissions import Principal
from liveblog.queries import LivePage
from liveblog.text import render_markdown
from liveblog.types import Cursor, EntryId, Revision, Seq, Slug
from liveblog.web.kept import Kept
from liveblog.wire.links import Links
from liveblog.wire.messages import (
    BlogView,
    DayItemView,
    DayView,
    EntryView,
    Snapshot,
    Tombstone,
)

SLUG = Slug("ukraine-war-latest")
LINKS = Links()
NOON = datetime(2025, 7, 23, 9, 0, tzinfo=UTC)

LAW = """President Vladimir Putin has signed a law under which citizens of Belarus who live \
permanently in Russia may vote and stand in local elections there.

Minsk took the same step earlier: Russian citizens who live permanently in Belarus may already \
vote and stand in its local elections. Both rest on the Union State treaty of 1999. The \
authorities in Belarus **welcomed** the law.

### What changes

- Belarusian residents may vote for local councils
- They may stand as candidates themselves
- National elections are not touched

On the same day Belarus signalled that it may take back its decision to hold the *Zapad-2025* \
drills further inland. Deputy defence minister Pavel Muraveika named the military activity of \
Poland and Lithuania as the reason."""


def blog_view(**changes: Any) -> BlogView:
    """The blog of the demo."""
    blog = BlogView(
        slug=SLUG,
        title="Ukraine war latest",
        headline="Ukraine and Russia meet in Istanbul for a third round of peace talks",
        standfirst="Delegations talk in Istanbul while drones strike and the clock of a "
        "50-day deadline runs. What is known, as it becomes known.",
        status="live",
        visibility="public",
        lang="en",
        dir="ltr",
        time_zone="Europe/Kyiv",
        revision=Revision(1),
        created_at=NOON - timedelta(hours=6),
        updated_at=NOON - timedelta(hours=6),
        url=LINKS.blog(SLUG),
    )
    return replace(blog, **changes)


def entry_id(number: int) -> EntryId:
    """The id of the entry with this number; ids sort as numbers do."""
    return EntryId(f"{number:026d}")


def entry_view(number: int, body: str = "", **changes: Any) -> EntryView:
    """An entry, published ``number`` × 7 minutes after noon."""
    words = render_markdown(body)
    entry = EntryView(
        id=entry_id(number),
        blog=SLUG,
        seq=Seq(number),
        revision=Revision(1),
        state="published",
        kind="text",
        headline=None,
        body=body,
        html=words.html,
        text=words.text,
        lang=None,
        dir=None,
        key=False,
        pinned=False,
        breaking=False,
        card=False,
        quote=None,
        media=(),
        embed=None,
        bylines=(),
        tags=(),
        sources=(),
        publish_at=None,
        published_at=NOON + timedelta(minutes=7 * number),
        updated_at=None,
        edit=None,
        url=LINKS.entry(SLUG, entry_id(number)),
    )
    return replace(entry, **changes)


def tombstone(number: int, note: str | None = None, revision: int = 2) -> Tombstone:
    """What is left of the entry with this number."""
    at = NOON + timedelta(minutes=7 * number + 5)
    return Tombstone(entry_id(number), SLUG, Seq(number), Revision(revision), "retracted", at, note)


def day_view(entries: list[EntryView], revision: int = 1) -> DayView:
    """The roll-up of the key entries among these, oldest first."""
    items = tuple(
        DayItemView(e.id, e.headline or "", e.url)
        for e in sorted(entries, key=lambda e: e.id)
        if e.key
    )
    return DayView(SLUG, "2025-07-23", None, items, False, Revision(revision), Seq(9))


def entries() -> list[EntryView]:
    """The day of the demo, oldest first."""
    edited = Edit("correction", NOON + timedelta(minutes=40), "The hub lies in the south-west.")
    drawing = Media(
        url="/static/test/drawing.svg",
        type="image/svg+xml",
        width=1200,
        height=675,
        alt="A drawing of two flags at a long table",
        caption="At the Kremlin, at a press conference of the two presidents",
        credit="Drawing: Liveblog, after a photograph by a pool, agency via agency",
        taken_at="2025-03-13",
    )
    return [
        entry_view(
            1,
            "Delegations of both countries are in Istanbul. An exchange of prisoners is said "
            "to be on the table; a ceasefire is not expected today.",
            key=True,
            pinned=True,
            headline="Ukraine and Russia hold a third round of peace talks in Istanbul",
            sources=(Source("Both delegations"),),
        ),
        entry_view(
            2,
            "Videos from the region show fire at a site that serves the army's rail transport. "
            "The damage cannot be judged from here.",
            key=True,
            headline="Drones reportedly hit a logistics hub in south-western Russia",
            edit=edited,
            updated_at=edited.at,
        ),
        entry_view(
            3,
            "The figure covers the months of the incursion and cannot be checked independently.",
            key=True,
            headline="Ukraine's military chief puts Russian casualties in Kursk at 80,000",
            bylines=(Byline("Olena Example", "in Kyiv"), Byline("Sam Sample")),
        ),
        entry_view(
            5,
            LAW + "\n\n" + " ".join(["The talks go on and the page goes with them."] * 30),
            headline="Belarusians who live in Russia may vote in local elections",
            media=(drawing,),
            tags=("Belarus", "Elections"),
            sources=(Source("Text of the law", "https://example.org/law"),),
        ),
        entry_view(
            6,
            key=True,
            breaking=True,
            headline="Belarus threatens to move the Zapad-2025 drills nearer to NATO",
            kind="quote",
            quote=Quote(
                "We watch what Poland and Lithuania do, and we may decide again.",
                "Pavel Muraveika",
                "Deputy defence minister of Belarus",
                "Statement, 23 July 2025",
                Source("Ministry of Defence", "https://example.org/ministry"),
            ),
        ),
        entry_view(
            7,
            "From the hall where the delegations meet:",
            kind="embed",
            embed=Embed("https://video.example.org/w/1", "Video Example", "The hall", "A desk"),
        ),
    ]


def live_page(*, seq: int = 9, older: int | None = 3, **changes: Any) -> LivePage:
    """The live page of the demo at ``seq``."""
    shown = entries()
    blog = blog_view(**changes)
    removed = tombstone(4, "It said the same as another one.")
    both: list[EntryView | Tombstone] = [*shown, removed]
    listed = sorted(both, key=lambda e: str(e.id), reverse=True)
    snapshot = Snapshot(
        blog=blog,
        cursor=Cursor(f"test:{seq}"),
        seq=Seq(seq),
        day=day_view(shown),
        pinned=shown[0],
        entries=tuple(listed),
    )
    return LivePage(snapshot, older)


class _NoTopics:
    """A hub that has nothing and opens nothing."""

    topics: ClassVar[list[Open]] = []

    def at_hand(self, slug: Slug) -> Topic | None:
        """Nothing."""
        return None

    def using(self, slug: Slug, who: Principal | None) -> AbstractAsyncContextManager[Open]:
        """Nothing either."""
        raise Unavailable()


def no_memory() -> Kept:
    """Every document is read anew."""
    return Kept(_NoTopics())
