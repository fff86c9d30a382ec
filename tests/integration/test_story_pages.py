"""The pages that tell a whole story: either order, days, key developments, every entry found."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from liveblog.actions import OPERATOR, Ask
from liveblog.model.entry import Entry
from liveblog.queries import story
from liveblog.wire.requests import PatchEntry
from tests.kit import SLUG
from tests.served import Served, serving

AT = f"/blogs/{SLUG}"
# Kyiv sets its clocks back in the night that this day begins with.
BEGIN = datetime(2025, 10, 25, 20, 0, tzinfo=UTC)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as one:
        await one.blog()
        yield one


async def date_back(served: Served, entry: Entry, when: datetime) -> None:
    patch = PatchEntry(published_at=when)
    await served.actions.entries.revise(SLUG, entry.id, patch, Ask(OPERATOR, match=entry.revision))


async def text(served: Served, path: str) -> str:
    answer = await served.http.get(path)
    answer.raise_for_status()
    return answer.text


def bodies(html: str) -> list[int]:
    """The numbers of the entries, from the top."""
    return [int(number) for number in re.findall(r"<p>Words (\d+)</p>", html)]


def link(html: str, name: str) -> str:
    """Where the link of this name leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>{name}', html)
    assert found, f"no link {name}"
    return found[1].replace("&amp;", "&")


async def test_the_story_from_the_beginning(served: Served) -> None:
    """By the links alone, from the live page to the first entry and back to the live page."""
    for _ in range(45):
        await served.entry()
    html = await text(served, AT)
    assert bodies(html) == list(range(45, 25, -1))
    html = await text(served, link(html, "From the beginning"))
    read = bodies(html)
    while "Later updates" in html:
        html = await text(served, link(html, "Later updates"))
        read += bodies(html)
    assert read[:45] == list(range(1, 46))
    # The last of these is the live page, which goes on.
    assert 'id="live"' in html
    assert bodies(html) == list(range(26, 46))
    assert 'data-order="oldest"' in html
    html = await text(served, link(html, "Earlier updates"))
    assert bodies(html) == list(range(21, 41))


async def test_each_order_is_kept_apart(served: Served) -> None:
    """Both are answered from memory, and neither is given out for the other."""
    for _ in range(3):
        await served.publish()
    newest, oldest = [3, 2, 1], [1, 2, 3]
    for _ in range(2):
        assert bodies(await text(served, AT)) == newest
        assert bodies(await text(served, f"{AT}?order=oldest")) == oldest
        assert bodies(await text(served, f"{AT}?utm_source=x&order=oldest")) == oldest
        assert bodies(await text(served, f"{AT}?order=oldest2")) == newest
    await served.publish()
    assert bodies(await text(served, f"{AT}?order=oldest")) == [*oldest, 4]


async def test_nothing_is_left_out_below_the_live_page(served: Served) -> None:
    """Also an entry that was dated back: it is of the newest page, and not of the newest 20."""
    made = [await served.entry() for _ in range(43)]
    await date_back(served, made[42], BEGIN)
    html = await text(served, AT)
    seen = set(bodies(html))
    assert 43 not in seen
    while "Older updates" in html:
        html = await text(served, link(html, "Older updates"))
        seen |= set(bodies(html))
    assert seen == set(range(1, 44))


async def test_a_day_in_parts(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "DAY", 2)
    # 23:00, 00:00 … 23:00 winter time: the second day has 25 hours.
    for hour in range(27):
        entry = await served.entry(key=hour == 3, headline=f"Hour {hour}")
        await date_back(served, entry, BEGIN + timedelta(hours=hour))
    day = f"{AT}/days/2025-10-26"
    html = await text(served, day)
    assert "Key developments on October 26" in html
    assert bodies(html) == [26, 25]
    read = bodies(html)
    while "Earlier that day" in html:
        html = await text(served, link(html, "Earlier that day"))
        read += bodies(html)
        assert "Key developments on" not in html
    assert read == list(range(26, 1, -1))
    html = await text(served, f"{day}?order=oldest")
    read = bodies(html)
    while "Later that day" in html:
        html = await text(served, link(html, "Later that day"))
        read += bodies(html)
    assert read == list(range(2, 27))
    before, after = link(html, "The day before"), link(html, "The day after")
    assert (before, after) == (f"{AT}/days/2025-10-25", f"{AT}/days/2025-10-27")
    assert "The day before" not in await text(served, before)
    assert "The day after" not in await text(served, after)


async def test_each_entry_has_the_clock_of_its_moment(served: Served) -> None:
    """03:30 comes twice in that night."""
    for hours in (4.5, 5.5):
        await date_back(served, await served.entry(), BEGIN + timedelta(hours=hours))
    html = await text(served, f"{AT}?order=oldest")
    assert re.findall(r'class="entry-time"[^>]*><time datetime="([^"]+)"><bdi>([^<]+)', html) == [
        ("2025-10-26T00:30:00Z", "03:30 EEST"),
        ("2025-10-26T01:30:00Z", "03:30 EET"),
    ]


async def test_all_key_developments(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "KEYS", 4)
    made = [await served.entry(key=n % 2 == 0, headline=f"Headline {n}") for n in range(22)]
    await served.retract(made[4])
    wanted = [n for n in range(0, 22, 2) if n != 4]

    async def walk(path: str, onward: str) -> list[int]:
        html = await text(served, path)
        read: list[int] = []
        while True:
            read += map(int, re.findall(r">Headline (\d+)</a>", html))
            if onward not in html:
                return read
            html = await text(served, link(html, onward))

    path = link(await text(served, AT), "All key developments")
    assert path == f"{AT}/key"
    assert await walk(path, "Earlier key developments") == wanted[::-1]
    assert await walk(f"{path}?order=oldest", "Later key developments") == wanted
    assert "There is no key development yet." in await empty(served)


async def empty(served: Served) -> str:
    """The page of a blog without any."""
    await served.blog("quiet", title="Quiet")
    html = await text(served, "/blogs/quiet")
    assert re.search(r'<nav class="strip"[^>]* hidden>', html)
    return await text(served, "/blogs/quiet/key")


async def test_the_strip_is_of_the_whole_blog(served: Served) -> None:
    """The newest twelve, wherever they stand."""
    for number in range(15):
        await served.entry(key=True, headline=f"Key {number}")
    for _ in range(25):
        await served.entry()
    strip = re.search(r'<nav class="strip".*?</nav>', await text(served, AT), re.DOTALL)
    assert strip
    assert re.findall(r"Key (\d+)<", strip[0]) == [str(n) for n in range(14, 2, -1)]
    assert "#entry-" not in strip[0]


async def test_an_entry_leads_to_its_page(served: Served) -> None:
    made = [await served.entry() for _ in range(45)]
    for number in (1, 20, 21, 45):
        entry = made[number - 1]
        answer = await served.http.get(f"{AT}/entries/{entry.id}/page")
        assert answer.status_code == 302
        place = answer.headers["Location"]
        assert place == f"{AT}/pages/{(number - 1) // 20 + 1}#entry-{entry.id}"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert f'id="entry-{entry.id}"' in await text(served, place.partition("#")[0])
    await served.retract(made[0])
    assert (await served.http.get(f"{AT}/entries/{made[0].id}/page")).status_code == 302
    assert (await served.http.get(f"{AT}/entries/{'0' * 26}/page")).status_code == 404


@pytest.mark.parametrize("path", ["/days/2025-10-26", "/key"])
async def test_a_place_that_is_none(served: Served, path: str) -> None:
    await date_back(served, await served.entry(), BEGIN + timedelta(hours=5))
    for place in ("x", "1.2", "zz." + "0" * 26, "f" * 40 + "." + "0" * 26):
        answer = await served.http.get(f"{AT}{path}?from={place}")
        assert answer.status_code == 400
    assert (await served.http.get(f"{AT}{path}")).status_code == 200
