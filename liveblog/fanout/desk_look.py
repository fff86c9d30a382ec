"""What the desks of a process are told from the store: one read for all of them.

It is looked whether everybody may still be there, how many entries there are where one was
touched, and what the receipts add up to that were announced.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from liveblog.fanout.desk_topic import DeskTopic
from liveblog.model.entry import State
from liveblog.model.permissions import Principal, own_of
from liveblog.model.receipt import Received
from liveblog.store.contract import Store, Tx
from liveblog.types import BlogId, EntryId

Owner = str | None
"""The only one whose entries are seen; None: everybody's are."""


class Asked(Struct, frozen=True):
    """What is to be read of one blog."""

    blog_id: BlogId
    owners: frozenset[Owner]
    receipts: tuple[EntryId, ...]


class Answer(Struct, frozen=True):
    """What was read of it."""

    counts: Mapping[Owner, Mapping[State, int]]
    receipts: Mapping[EntryId, Received]


async def look(store: Store, topics: Sequence[DeskTopic], now: datetime) -> None:
    """Read, tell what is news, and end the desks of those who may not be there any more:
    revoked, signed out, disabled, without a role there.

    :raises StoreBusy: nothing was told, and is the next time.
    """
    who = {desk.who.credential: desk.who for topic in topics for desk in topic.desks.values()}
    asked = [_asked(topic) for topic in topics]

    def work(tx: Tx) -> tuple[dict[str, Principal], list[Answer]]:
        return tx.standing(who.values(), now), [_read(tx, one) for one in asked]

    for topic in topics:  # what comes while it is read is read the next time
        topic.counted, topic.unread = True, {}
    try:
        standing, answers = await store.read(work)
    except BaseException:
        for topic, one in zip(topics, asked, strict=True):
            topic.counted = topic.counted and not one.owners
            topic.unread = dict.fromkeys(one.receipts) | topic.unread
        raise
    for topic, answer in zip(topics, answers, strict=True):
        _judge(topic, who, standing)
        topic.tell_counts(answer.counts)
        topic.tell_receipts(answer.receipts)


def _asked(topic: DeskTopic) -> Asked:
    owners = {own_of(desk.who, topic.blog_id) for desk in topic.desks.values()}
    return Asked(
        topic.blog_id, frozenset() if topic.counted else frozenset(owners), tuple(topic.unread)
    )


def _read(tx: Tx, asked: Asked) -> Answer:
    blog = tx.blog_by_id(asked.blog_id) if asked.owners else None
    counts = {owner: tx.desk_counts(blog, owner) for owner in asked.owners} if blog else {}
    return Answer(counts, tx.received(asked.receipts) if asked.receipts else {})


def _judge(
    topic: DeskTopic, asked: Mapping[str, Principal], standing: Mapping[str, Principal]
) -> None:
    """Let everybody be what they are allowed now."""
    for desk in list(topic.desks.values()):
        who = standing.get(desk.who.credential)
        if who is not None and who.has("submit", topic.blog_id):
            if own_of(who, topic.blog_id) != own_of(desk.who, topic.blog_id):
                topic.counted = False
            desk.who = who
        elif desk.who.credential in asked:
            topic.end(desk, 4501, "not allowed")
