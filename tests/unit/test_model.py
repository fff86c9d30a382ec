"""What is true: permissions, days, marks, positions, ids."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from liveblog.errors import BadRequest, NotAllowed, NotAuthenticated, NotFound
from liveblog.model.blog import direction_of
from liveblog.model.day import Day, DayItem, assemble, bounds, date_of, freeze
from liveblog.model.entry import Edit, Entry, Source, outranks
from liveblog.model.ids import new_id
from liveblog.model.media import SEARCHED, fold
from liveblog.model.permissions import (
    SCOPES,
    Principal,
    Scope,
    may_read,
    require,
    require_entry,
)
from liveblog.model.position import Position, new_epoch, parse_cursor
from liveblog.model.rules import check_entry, check_zone
from liveblog.types import BlogId, EntryId, Epoch, Seq

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)
BLOG = BlogId("b")


def entry(name: str = "e", **fields: Any) -> Entry:
    given: dict[str, Any] = {"body": "x", "state": "published"} | fields
    return Entry(id=EntryId(name), blog_id=BLOG, created_at=NOW, **given)


def who(scope: Scope, blog: str | None = None) -> Principal:
    return Principal("p", "p", scope, BlogId(blog) if blog else None)


@pytest.mark.parametrize("scope", SCOPES)
def test_scopes_contain_each_other(scope: Scope) -> None:
    assert [who(scope).has(s, BLOG) for s in SCOPES] == [
        SCOPES.index(s) <= SCOPES.index(scope) for s in SCOPES
    ]
    assert who(scope, "b").has(scope, BLOG)
    assert not who(scope, "other").has("read", BLOG)
    assert not who(scope, "b").has("read", None), "the house is more than one blog"


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        ("public", [None, "read"]),
        ("unlisted", [None, "read"]),
        ("private", ["read", "submit"]),
        ("draft", ["submit", "admin"]),
    ],
)
def test_who_may_read(visibility: Any, readers: list[Any]) -> None:
    asked: list[Any] = [None, *SCOPES]
    least = readers[0]
    for scope in asked:
        allowed = asked.index(scope) >= asked.index(least)
        assert may_read(who(scope) if scope else None, BLOG, visibility) == allowed


def test_submitters_change_their_own_unpublished() -> None:
    blog: Any = type("Blog", (), {"id": BLOG})
    me = who("submit")
    require_entry(me, blog, entry(by="p", state="draft"))
    others: list[tuple[Any, type[Exception]]] = [
        (entry(by="p"), NotAllowed),
        (entry(by="p", state="scheduled"), NotAllowed),
        (entry(by="q", state="draft"), NotFound),
        (entry(by="q", ordinal=1), NotAllowed),
    ]
    for other, error in others:
        with pytest.raises(error):
            require_entry(me, blog, other)
        require_entry(who("write"), blog, other)
    with pytest.raises(NotFound):
        require_entry(me, blog, None)
    with pytest.raises(NotAuthenticated):
        require(None, "read", blog)


@given(st.dates(date(1970, 1, 2), date(2100, 1, 1)), st.sampled_from(
    ["UTC", "Europe/Kyiv", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo"]
))  # fmt: skip
def test_a_day_is_bounded_by_the_midnights_of_its_zone(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    start, end = bounds(day, zone)
    assert end == bounds(day + timedelta(days=1), zone)[0], "days leave no gap"
    if start < end:  # Apia left out 2011-12-30
        assert date_of(start, zone) >= day
        assert date_of(end - timedelta(microseconds=1), zone) == day


def keys(*names: str, **headlines: str) -> list[Entry]:
    return [entry(name, headline=headlines.get(name, f"Head {name}"), key=True) for name in names]


def items(day: Day) -> list[str]:
    return [item.text for item in day.items]


def test_a_roll_up_assembles_itself() -> None:
    day = assemble(Day(BLOG, date(2025, 7, 23)), keys("a", "b", "c"))
    assert items(day) == ["Head a", "Head b", "Head c"]
    b, a = EntryId("b"), EntryId("a")
    edited = replace(day, order=(b,), dropped=(a,), reworded={"c": "Said otherwise"})
    assert items(assemble(edited, keys("a", "b", "c", "d"))) == [
        "Head b",
        "Said otherwise",
        "Head d",
    ]
    assert items(assemble(edited, keys("c"))) == ["Said otherwise"], "what is withdrawn goes"
    frozen = freeze(day)
    assert items(assemble(frozen, keys("a", "c", "d", c="New"))) == ["Head a", "New"]
    assert assemble(edited, keys("a", "b")).items == (DayItem(b, "Head b"),)


def test_a_corrections_mark_outranks_smaller_ones() -> None:
    typo, update, correction = (Edit(kind, NOW) for kind in ("typo", "update", "correction"))
    assert all(outranks(new, None) for new in (typo, update, correction))
    assert outranks(correction, correction)
    assert outranks(correction, update)
    assert not outranks(update, correction)
    assert not outranks(typo, update)


@given(st.integers(0, 10**15 - 1))
def test_a_cursor_comes_back_as_its_position(seq: int) -> None:
    position = Position(new_epoch(), Seq(seq))
    assert parse_cursor(position.cursor) == position


@given(st.text())
def test_what_is_no_cursor_is_refused(text: str) -> None:
    try:
        position = parse_cursor(text)
    except BadRequest:
        return
    assert position.cursor == text


def test_ids_sort_by_time_and_epochs_differ() -> None:
    made = [new_id(NOW + timedelta(milliseconds=n)) for n in range(100)]
    assert made == sorted(made)
    assert {len(i) for i in made} == {26}
    assert len({new_epoch() for _ in range(100)}) == 100
    assert Epoch(new_epoch()).isalnum()


@pytest.mark.parametrize(
    "url",
    ["javascript:a", "JaVaScRiPt:a", "//host", "/\\host", "\\\\host", "data:,", "a.png", "http://",
     "https:host", " https://host", "https://ho st", "https://h/" + "x" * 2000, "ftp://h", "",
     "http://[", "java\tscript:a"],
)  # fmt: skip
def test_unsafe_addresses(url: str) -> None:
    wrong = check_entry(entry(sources=(Source("t", url),)), NOW)
    assert [w.path for w in wrong] == ["sources[0].url"]


@pytest.mark.parametrize(
    "url", ["https://h", "http://h:1/p?q#f", "/here.png", "https://ü.example/"]
)
def test_safe_addresses(url: str) -> None:
    assert check_entry(entry(sources=(Source("t", url),)), NOW) == []


def test_zones() -> None:
    assert check_zone("Europe/Kyiv") == []
    for name in ("Mars/One", "", "../etc/passwd", "\0"):
        assert [w.path for w in check_zone(name)] == ["time_zone"]


def test_a_language_runs_as_unicode_has_it() -> None:
    """All that CLDR knows, in the form of BCP 47."""
    known = locale_identifiers()
    leftwards = {name for name in known if Locale.parse(name).text_direction == "rtl"}
    assert {name for name in known if direction_of(name.replace("_", "-")) == "rtl"} == leftwards
    assert direction_of("ar-EG") == direction_of("az-Arab-IQ") == "rtl"
    assert direction_of("uk") == direction_of("ks-Deva") == "ltr"


def test_so_much_of_a_text_is_searched_in_the_library() -> None:
    assert fold("Й" * (SEARCHED + 1), "Caf\u0065\u0301") == "й" * SEARCHED + " café"
