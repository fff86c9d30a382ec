"""The broker's bookkeeping, without a server."""

import asyncio

from liveblog.broker.keys import Keys
from liveblog.broker.publishing import PublishQueue
from liveblog.broker.subscriptions import Subscriptions
from liveblog.broker.target import Cluster, Sentinel, parse_target


def test_the_queue_is_bounded_in_count() -> None:
    queue = PublishQueue(max_messages=3, max_bytes=1000)
    assert [queue.put(b"c", b"%d" % number) for number in range(5)] == [0, 0, 0, 1, 1]
    assert queue.take() == [(b"c", b"2"), (b"c", b"3"), (b"c", b"4")]
    assert queue.take() == []


def test_the_queue_is_bounded_in_bytes() -> None:
    queue = PublishQueue(max_messages=100, max_bytes=20)
    assert queue.put(b"c", b"x" * 9) == 0
    assert queue.put(b"c", b"y" * 9) == 0
    assert queue.put(b"c", b"z" * 9) == 1
    assert queue.put(b"c", b"too large" * 9) == 1
    assert [payload[:1] for _, payload in queue.take()] == [b"y", b"z"]
    assert queue.put(b"c", b"x" * 19) == 0
    assert queue.clear() == 1
    assert len(queue) == 0


def test_a_batch_is_bounded_but_never_empty() -> None:
    queue = PublishQueue()
    for number in range(5):
        queue.put(b"c", b"%d" % number * 10)
    assert len(queue.take(max_bytes=5)) == 1
    assert len(queue.take(max_messages=2)) == 2
    assert len(queue.take(max_bytes=22)) == 2


def test_names_carry_the_prefix() -> None:
    keys = Keys("mine", "p1")
    assert keys.channel("blog:ä") == "mine:blog:ä".encode()
    assert keys.logical(keys.channel("blog:ä")) == "blog:ä"
    assert keys.probe == b"mine:probe:p1"


def opened(*channels: bytes) -> Subscriptions:
    subscriptions = Subscriptions()
    for channel in channels:
        subscriptions.want(channel)
    subscriptions.reopen()
    assert subscriptions.commands() == [(b"SUBSCRIBE", *channels)]
    gaps = [subscriptions.acknowledged(True, channel) for channel in channels]
    assert gaps == [False] * (len(channels) - 1) + [True]
    return subscriptions


async def test_a_new_connection_is_one_gap_when_all_is_confirmed() -> None:
    subscriptions = opened(b"probe", b"a", b"b")
    assert subscriptions.ready.is_set()
    subscriptions.reopen()
    assert not subscriptions.ready.is_set()
    assert subscriptions.commands() == [(b"SUBSCRIBE", b"probe", b"a", b"b")]


async def test_an_unasked_confirmation_is_a_gap() -> None:
    subscriptions = opened(b"probe", b"a")
    assert subscriptions.acknowledged(True, b"a")


async def test_an_unasked_end_is_repaired_and_a_gap() -> None:
    subscriptions = opened(b"probe", b"a")
    assert subscriptions.acknowledged(False, b"a")
    assert subscriptions.commands() == [(b"SUBSCRIBE", b"a")]
    assert subscriptions.acknowledged(True, b"a")


async def test_only_the_last_wish_is_told() -> None:
    subscriptions = opened(b"probe")
    subscriptions.want(b"a")
    subscriptions.unwant(b"a")
    assert subscriptions.commands() == []
    subscriptions.want(b"a")
    assert subscriptions.commands() == [(b"SUBSCRIBE", b"a")]
    subscriptions.unwant(b"a")
    assert subscriptions.commands() == [(b"UNSUBSCRIBE", b"a")]
    subscriptions.want(b"a")
    assert subscriptions.commands() == [(b"SUBSCRIBE", b"a")]
    assert not subscriptions.acknowledged(True, b"a")
    assert not subscriptions.acknowledged(False, b"a")
    assert not await subscriptions.confirmed(b"a", 0)
    # Confirmed by the last answer only; and a gap, because somebody was told "not yet".
    assert subscriptions.acknowledged(True, b"a")
    assert await subscriptions.confirmed(b"a", 0)


async def test_what_is_no_longer_wanted_is_forgotten() -> None:
    subscriptions = opened(b"probe", b"a")
    subscriptions.unwant(b"a")
    assert not subscriptions.wants(b"a")
    assert subscriptions.commands() == [(b"UNSUBSCRIBE", b"a")]
    assert not subscriptions.acknowledged(False, b"a")
    subscriptions.reopen()
    assert subscriptions.commands() == [(b"SUBSCRIBE", b"probe")]


async def test_one_impatient_caller_does_not_spoil_the_other() -> None:
    subscriptions = opened(b"probe")
    subscriptions.want(b"a")
    patient = asyncio.create_task(subscriptions.confirmed(b"a", 30))
    assert not await subscriptions.confirmed(b"a", 0)
    subscriptions.commands()
    assert subscriptions.acknowledged(True, b"a")
    assert await patient


def test_addresses_of_many() -> None:
    sentinel = parse_target("redis+sentinel://u:p%40@one,two:7/main?db=3&sentinel_password=s")
    assert isinstance(sentinel, Sentinel)
    assert sentinel.service == "main"
    assert (sentinel.options["username"], sentinel.options["password"]) == ("u", "p@")
    assert sentinel.options["db"] == 3
    places = [(one.options["host"], one.options["port"]) for one in sentinel.sentinels]
    assert places == [("one", 26379), ("two", 7)]
    assert sentinel.sentinels[0].options["password"] == "s"
    assert "username" not in sentinel.sentinels[0].options
    assert isinstance(parse_target("redis+cluster://one:1,two:2?ssl=true"), Cluster)
