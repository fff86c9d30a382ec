"""Blogs and entries to put into a store, and the shortest form of publishing."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from liveblog.model.blog import Blog
from liveblog.model.change import Change
from liveblog.model.day import Day, DayItem
from liveblog.model.entry import (
    Byline,
    Edit,
    Embed,
    Entry,
    Media,
    Quote,
    Rendition,
    RevisionRow,
    Source,
    Track,
)
from liveblog.store.contract import Replay, Tx
from liveblog.types import BlogId, EntryId, Epoch, Revision, Seq, Slug

NOON = datetime(2026, 5, 1, 12, 0, 0, 123457, UTC)
BLOG = BlogId("blog1")
SLUG = Slug("final")


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def blog(name: str = "blog1", slug: str = "final", **rest: Any) -> Blog:
    """A blog with nothing special about it."""
    given: dict[str, Any] = {"title": "Final", "epoch": Epoch("abcde")}
    given |= {"created_at": NOON, "updated_at": NOON} | rest
    return Blog(id=BlogId(name), slug=Slug(slug), **given)


def public(name: str, seq: int, minutes: float | None = None, **rest: Any) -> Entry:
    """A published entry; its number is its place in everything unless told otherwise."""
    when = at(seq if minutes is None else minutes)
    given: dict[str, Any] = {"state": "published", "ordinal": seq, "change": "entry.published"}
    given |= {"created_at": when, "changed_at": when, "published_at": when} | rest
    return Entry(id=EntryId(name), blog_id=given.pop("blog_id", BLOG), seq=Seq(seq), **given)


def draft(name: str, **rest: Any) -> Entry:
    """An entry that nobody has seen."""
    given: dict[str, Any] = {"state": "draft", "created_at": NOON} | rest
    return Entry(id=EntryId(name), blog_id=given.pop("blog_id", BLOG), **given)


def add(*things: Blog | Entry | Day) -> Callable[[Tx], None]:
    """The transaction that puts these in."""

    def work(tx: Tx) -> None:
        for thing in things:
            if isinstance(thing, Blog):
                tx.insert_blog(thing)
            elif isinstance(thing, Entry):
                tx.insert_entry(thing.blog_id, thing)
            else:
                tx.save_day(thing)

    return work


def each(method: str, *rows: Any) -> Callable[[Tx], None]:
    """The transaction that calls one method of Tx with each of these."""

    def work(tx: Tx) -> None:
        for row in rows:
            getattr(tx, method)(row)

    return work


def publish(name: str, slug: Slug = SLUG) -> Callable[[Tx], Seq]:
    """The transaction that publishes one entry as the actions do: lock, number, write, log."""

    def work(tx: Tx) -> Seq:
        held = tx.lock_blog(slug)
        assert held is not None
        seq = Seq(held.head + 1)
        entry = public(name, seq, blog_id=held.id)
        tx.insert_entry(held.id, entry)
        tx.append_changes(held.id, [Change(seq, "entry.published", entry.created_at, entry)], "me")
        tx.save_blog(replace(held, head=seq, count=held.count + 1))
        return seq

    return work


def full_blog() -> Blog:
    """A blog with another value than the default in every field."""
    return Blog(
        id=BLOG,
        slug=SLUG,
        title="Das Finale — \u200fالنهائي\u200f 🏆",
        epoch=Epoch("k3yvq"),
        created_at=NOON,
        updated_at=at(1),
        head=Seq(2**40),
        seq=Seq(7),
        revision=Revision(3),
        headline="'Quoted' \\ \"twice\"",
        standfirst="A\nB\tC",
        status="paused",
        visibility="private",
        lang="ar",
        dir="rtl",
        time_zone="Europe/Berlin",
        count=9,
        latest_at=at(2),
        pinned=EntryId("e9"),
        demo=True,
    )


def full_entry() -> Entry:
    """An entry with another value than the default in every field."""
    source = Source("Reuters", "https://example.org/a?b=1&c=2")
    return Entry(
        id=EntryId("e1"),
        blog_id=BLOG,
        state="retracted",
        created_at=NOON,
        by="token:1",
        seq=Seq(41),
        change="entry.retracted",
        changed_at=at(9),
        revision=Revision(5),
        ordinal=3,
        kind="quote",
        headline="Tor!",
        body="**Tor** ⚽ \u2028",
        html="<p><strong>Tor</strong> ⚽</p>",
        text="Tor ⚽",
        lang="de",
        dir="ltr",
        key=True,
        pinned=True,
        breaking=True,
        card=True,
        quote=Quote("Ja.", "Trainerin", "Chefin", "Pressekonferenz", source),
        media=(_picture(),),
        embed=Embed("https://v.example/1", "V", "Film", "Ada", "https://v.example/1.jpg"),
        bylines=(Byline("Ada", "Reporterin", "https://example.org/ada"), Byline("Bo")),
        tags=("tore", "größe"),
        sources=(source, Source("Augenschein")),
        publish_at=at(1),
        published_at=at(2),
        updated_at=at(3),
        retracted_at=at(4),
        note="Falsch gemeldet.",
        edit=Edit("correction", at(5), "Der Name war falsch."),
    )


def _picture() -> Media:
    return Media(
        url="https://i.example/1.jpg",
        type="image/jpeg",
        width=1200,
        height=800,
        alt="Jubel",
        caption="Nach dem Tor",
        credit="Ada / Agentur",
        taken_at="2026-05-01",
        duration=1.5,
        poster="https://i.example/p.jpg",
        renditions=(Rendition("https://i.example/1.avif", "image/avif", 600, 400),),
        tracks=(Track("https://i.example/1.vtt", "captions", "de"),),
    )


def full_day() -> Day:
    """A day with another value than the default in every field."""
    return Day(
        blog_id=BLOG,
        date=date(2026, 5, 1),
        title="Der Tag",
        items=(DayItem(EntryId("e1"), "Tor"), DayItem(EntryId("e2"), "Noch eins")),
        frozen=True,
        settled=True,
        members=(EntryId("e1"), EntryId("e3")),
        order=(EntryId("e2"), EntryId("e1")),
        reworded={"e1": "Tor", "e2": 'Mit "Anführung"'},
        dropped=(EntryId("e3"),),
        revision=Revision(4),
        seq=Seq(12),
        changed_at=at(7),
    )


def revision(entry: str, number: int, **rest: Any) -> RevisionRow:
    """One version of an entry's words."""
    given: dict[str, Any] = {"at": at(number), "by": "me", "public": True, "headline": None}
    given |= {"body": f"v{number}", "html": f"<p>v{number}</p>", "text": f"v{number}"} | rest
    return RevisionRow(entry_id=EntryId(entry), revision=Revision(number), **given)


def answer(key: str, minutes: float = 0, subject: str = "blog") -> Replay:
    """An answer kept for an Idempotency-Key."""
    return Replay("token:1", key, "d" * 64, 201, BLOG, subject, at(minutes))
