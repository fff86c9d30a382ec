"""Embed cards on both engines: kept, claimed by one, forgotten."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.model.embed import EmbedCard, ready
from liveblog.store.contract import Store
from tests.integration.store.samples import BLOG, NOON, add, at, blog, each

CLAIM = timedelta(minutes=1)


def card(name: str, minutes: float = 0, **fields: Any) -> EmbedCard:
    """A pending card, asked for then."""
    when = at(minutes)
    return EmbedCard(BLOG, f"https://{name}/", "pending", "ana", when, when, "Site", **fields)


@pytest.fixture
async def kept(store: Store) -> Store:
    """A store with a blog."""
    await store.write(add(blog()))
    return store


async def test_a_card_comes_back_as_it_was(kept: Store) -> None:
    full = card(
        "a", title="T", author="A", thumbnail="/t", reason="r", attempts=3, claimed_until=at(9)
    )
    await kept.write(each("insert_embed_card", full, card("b")))
    assert await kept.write(lambda tx: tx.embed_card(BLOG, full.url)) == full
    assert await kept.write(lambda tx: tx.embed_card(BLOG, "https://none/")) is None
    done = ready(full, thumbnail="/u")
    await kept.write(each("save_embed_card", done))
    assert await kept.write(lambda tx: tx.embed_card(BLOG, full.url)) == done
    assert await kept.read(lambda tx: tx.count_pending_cards(BLOG)) == 1


async def test_what_is_due_longest_is_claimed_first_and_by_one(kept: Store) -> None:
    rows = [card("late", 3), card("early", 1), card("middle", 2), card("later", 60)]
    await kept.write(each("insert_embed_card", *rows))
    now = at(10)

    def claim(limit: int) -> Any:
        return kept.write(lambda tx: tx.claim_embed_cards(now, now + CLAIM, limit))

    one, other = await asyncio.gather(claim(2), claim(2))
    urls = [found.url for found in (*one, *other)]
    assert sorted(urls) == ["https://early/", "https://late/", "https://middle/"]
    assert {found.attempts for found in (*one, *other)} == {1}
    assert await claim(8) == []
    again = await kept.write(lambda tx: tx.claim_embed_cards(now + CLAIM, now + 2 * CLAIM, 8))
    assert [found.url for found in again] == [
        "https://early/",
        "https://middle/",
        "https://late/",
    ]
    assert {found.attempts for found in again} == {2}


async def test_old_ones_that_wait_for_nothing_are_forgotten(kept: Store) -> None:
    done = ready(card("done"), thumbnail=None)
    rows = [done, card("pending"), replace(done, url="https://new/", asked_at=at(60))]
    await kept.write(each("insert_embed_card", *rows))
    assert await kept.write(lambda tx: tx.purge_embed_cards(NOON)) == 0
    assert await kept.write(lambda tx: tx.purge_embed_cards(at(30))) == 1
    assert await kept.write(lambda tx: tx.embed_card(BLOG, done.url)) is None


async def test_the_same_page_asked_for_twice_at_once_is_one_card(kept: Store) -> None:
    def ask(tx: Any) -> bool:
        if tx.embed_card(BLOG, "https://a/") is not None:
            return False
        tx.insert_embed_card(card("a"))
        return True

    made = await asyncio.gather(*(kept.write(ask) for _ in range(4)))
    assert sorted(made) == [False, False, False, True]
