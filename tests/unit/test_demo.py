"""What the demonstration says: strict requests, true to the order, sound for weeks."""

import json
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from itertools import islice
from xml.etree import ElementTree

import pytest

from liveblog.config import Settings
from liveblog.demo.moves import FRAMES, Move, Publish, Retract, Revise, ReviseBlog, moves, moves_of
from liveblog.demo.run import next_free
from liveblog.demo.seed import BLOG, CARDS, CARDS_BLOG, KEY, LONG, Content, day_entries
from liveblog.demo.strands import PICTURES, STRANDS, Strand
from liveblog.server.listening import bind
from liveblog.text.markdown import render_markdown
from liveblog.text.measure import reading_minutes
from liveblog.wire.requests import NewBlog, NewEntry, PatchBlog, PatchEntry, read
from liveblog.wire.requests import Retract as RetractBody

A_LAP = 101


def _json(content: Content) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize("blog", [BLOG, CARDS_BLOG], ids=lambda blog: str(blog["slug"]))
def test_blogs_are_what_the_server_takes(blog: Content) -> None:
    new = read(_json(blog), NewBlog)
    assert new.demo
    assert new.visibility == "public"


@pytest.mark.parametrize("entry", [*day_entries(), *CARDS], ids=lambda e: str(e["headline"])[:30])
def test_entries_are_what_the_server_takes(entry: Content) -> None:
    assert read(_json(entry), NewEntry).published_at is not None


def test_the_five_developments_stand_in_order() -> None:
    times = [datetime.fromisoformat(entry["published_at"]) for entry in KEY]
    assert times == sorted(times)
    assert len(times) == 5
    assert [
        next(
            w
            for w in ("80,000", "50-day", "Zapad-2025", "drones", "Istanbul")
            if w in e["headline"]
        )
        for e in KEY
    ] == ["Istanbul", "drones", "80,000", "50-day", "Zapad-2025"]
    assert [entry["headline"] for entry in day_entries() if entry.get("key")] == [
        entry["headline"] for entry in KEY
    ]


def test_the_long_story_needs_two_minutes() -> None:
    assert reading_minutes(render_markdown(LONG["body"]).text) == 2
    assert LONG["media"][0]["taken_at"] == "2025-03-13"


def _drawings(entries: list[Content]) -> Iterator[str]:
    for entry in entries:
        for media in entry.get("media", ()):
            yield media["url"].rpartition("/")[2]


def test_every_drawing_is_shipped_and_harmless() -> None:
    named = {*_drawings([*day_entries(), *CARDS]), *(f"drawing-{p}.svg" for p in PICTURES)}
    for name in named:
        text = (files("liveblog.web") / "static" / name).read_text("utf-8")
        root = ElementTree.fromstring(text)
        assert root.tag.endswith("svg")
        assert "script" not in text
        assert "href" not in text


@pytest.mark.parametrize("strand", STRANDS, ids=lambda strand: strand.headline)
def test_a_strand_ends_as_it_is_written(strand: Strand) -> None:
    body = ""
    for move in moves_of(strand, "s"):
        if isinstance(move, Publish) and move.name == "s":
            body = move.content["body"]
            assert (body != strand.body) == bool(strand.typo or strand.wrong)
        elif isinstance(move, Revise):
            body = move.patch["body"]
    assert body == strand.body + (f"\n\n{strand.more}" if strand.more else "")


def test_moves_are_what_the_server_takes() -> None:
    for move in islice(moves(), A_LAP):
        match move:
            case Publish():
                assert not read(_json(move.content), NewEntry).key
            case Revise():
                read(_json(move.patch), PatchEntry)
            case ReviseBlog():
                read(_json(move.patch), PatchBlog)
            case Retract():
                assert read(_json({"note": move.note}), RetractBody).note


def test_only_slips_are_withdrawn() -> None:
    withdrawn = [move.name for move in islice(moves(), A_LAP) if isinstance(move, Retract)]
    assert withdrawn
    assert all(name.endswith(" slip") for name in withdrawn)


def test_a_move_is_about_something_that_stands() -> None:
    standing: set[str] = set()
    for move in islice(moves(), 3 * A_LAP):
        if isinstance(move, Publish):
            assert move.name not in standing
            standing.add(move.name)
        elif isinstance(move, Revise | Retract):
            assert move.name in standing
            if isinstance(move, Retract):
                standing.remove(move.name)


def test_no_headline_comes_back_within_an_hour() -> None:
    """At four seconds a move; what is published twice by mistake is a slip and left out."""
    last: dict[str, int] = {}
    for number, move in enumerate(islice(moves(), 4 * len(FRAMES) * A_LAP)):
        if isinstance(move, Publish) and not move.name.endswith(" slip"):
            headline = move.content["headline"]
            if headline in last:
                assert (number - last[headline]) * 4 > 3600
            last[headline] = number


def test_there_is_variety_soon() -> None:
    def kind(move: Move) -> str:
        if isinstance(move, Revise):
            return str(move.patch.get("edit", {}).get("kind", "flag"))
        return type(move).__name__

    assert {kind(move) for move in islice(moves(), 30)} >= {
        "Publish",
        "Retract",
        "ReviseBlog",
        "typo",
        "correction",
        "update",
        "flag",
    }


def test_the_next_free_port_is_taken() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with next_free(Settings(port=port)) as found:
            assert found.getsockname()[1] > port
