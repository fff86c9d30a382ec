"""The broker against a real Valkey that is killed, frozen, cut off and restarted."""

import asyncio
import math
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from liveblog.broker.errors import BrokerConfigError
from liveblog.broker.redis import RedisBroker
from tests.valkey import ValkeyProcess, valkey

__all__ = ["valkey"]

DEADLINE = 20.0  # seconds: generous, only reached by a failing test


class Ear:
    """A listener that remembers, and lets a test wait for what it waits for."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.gaps = 0
        self._news = asyncio.Event()

    def on_message(self, channel: str, payload: bytes) -> None:
        self.messages.append((channel, payload))
        self._news.set()

    def on_gap(self) -> None:
        self.gaps += 1
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds; it is asked after each message and gap."""
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def gap_after(self, count: int) -> None:
        await self.until(lambda: self.gaps > count)


async def eventually(condition: Callable[[], bool]) -> None:
    """Poll something that gives no event of its own."""
    async with asyncio.timeout(DEADLINE):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(url: str, *, deaf_after: float = 1.0) -> AsyncIterator[tuple[RedisBroker, Ear]]:
    broker = RedisBroker(url, probe_interval=0.1, deaf_after=deaf_after)
    ear = Ear()
    broker.set_listener(ear)
    await broker.start()
    try:
        yield broker, ear
    finally:
        await broker.stop()


async def heard_again(sender: RedisBroker, ear: Ear, channel: str = "blog:1") -> None:
    """A message sent now arrives."""
    mark = b"mark %d" % time.monotonic_ns()
    sender.publish(channel, mark)
    await ear.until(lambda: (channel, mark) in ear.messages)


async def test_a_message_goes_round(valkey: ValkeyProcess) -> None:
    async with running(valkey.url) as (broker, ear):
        assert await broker.subscribe("blog:1", DEADLINE)
        broker.publish("blog:2", b"not for us")
        broker.publish("blog:1", b"\x00\xff")
        await ear.until(lambda: ear.messages == [("blog:1", b"\x00\xff")])
        await eventually(lambda: broker.stats.published == 2)
        assert broker.stats.connected
        assert broker.stats.received == 1
        assert broker.stats.dropped == 0


async def test_two_brokers_hear_each_other_in_order(valkey: ValkeyProcess) -> None:
    async with running(valkey.url) as (one, ear_one), running(valkey.url) as (two, ear_two):
        assert await one.subscribe("blog:1", DEADLINE)
        assert await two.subscribe("blog:1", DEADLINE)
        sent = [("blog:1", b"%d" % number) for number in range(1000)]
        for channel, payload in sent:
            one.publish(channel, payload)
        await ear_one.until(lambda: len(ear_one.messages) == 1000)
        await ear_two.until(lambda: len(ear_two.messages) == 1000)
        assert ear_one.messages == ear_two.messages == sent
        assert one.heard_at > -math.inf


async def test_other_prefixes_are_not_heard(valkey: ValkeyProcess) -> None:
    async with running(valkey.url) as (broker, ear):
        other = RedisBroker(valkey.url, prefix="elsewhere")
        await other.start()
        assert await broker.subscribe("blog:1", DEADLINE)
        other.publish("blog:1", b"foreign")
        await other.stop()
        assert other.stats.published == 1
        await heard_again(broker, ear)
        assert len(ear.messages) == 1


async def test_a_confirmed_subscription_misses_nothing(valkey: ValkeyProcess) -> None:
    async with running(valkey.url) as (broker, ear), running(valkey.url) as (sender, _):
        await ear.gap_after(0)
        for number in range(50):
            channel = f"blog:{number}"
            assert await broker.subscribe(channel, DEADLINE)
            await heard_again(sender, ear, channel)
        assert len(ear.messages) == 50
        assert ear.gaps == 1  # the first connection; a confirmation in time is no gap


async def test_unsubscribe_ends_hearing_at_once_and_can_be_taken_back(
    valkey: ValkeyProcess,
) -> None:
    async with running(valkey.url) as (broker, ear):
        assert await broker.subscribe("blog:1", DEADLINE)
        broker.unsubscribe("blog:1")
        broker.unsubscribe("blog:unknown")
        broker.publish("blog:1", b"unheard")
        assert await broker.subscribe("blog:2", DEADLINE)
        await heard_again(broker, ear, "blog:2")
        first = asyncio.create_task(broker.subscribe("blog:1", DEADLINE))
        await asyncio.sleep(0)
        broker.unsubscribe("blog:1")
        assert await first is False
        assert await broker.subscribe("blog:1", DEADLINE)
        await heard_again(broker, ear)
        assert len(ear.messages) == 2
        assert ear.gaps == 1


async def test_a_server_killed_and_restarted_empty_is_a_gap(valkey: ValkeyProcess) -> None:
    async with running(valkey.url) as (broker, ear), running(valkey.url) as (sender, other):
        assert await broker.subscribe("blog:1", DEADLINE)
        await heard_again(sender, ear)
        gaps, others = ear.gaps, other.gaps
        valkey.restart_empty()
        await ear.gap_after(gaps)
        await other.gap_after(others)
        await heard_again(sender, ear)
        assert broker.stats.reconnects == 1


async def test_a_frozen_server_blocks_nobody(valkey: ValkeyProcess) -> None:
    async with running(valkey.url) as (broker, ear):
        assert await broker.subscribe("blog:1", DEADLINE)
        await heard_again(broker, ear)
        await eventually(lambda: broker.heard_at > -math.inf)
        gaps = ear.gaps
        valkey.stop_signal(signal.SIGSTOP)
        began = time.monotonic()
        for _ in range(1000):
            broker.publish("blog:1", b"into the ice")
        assert time.monotonic() - began < DEADLINE
        await eventually(lambda: not broker.stats.connected)
        await eventually(lambda: time.monotonic() - broker.heard_at > 1.0)
        assert not await broker.subscribe("blog:2", 0.05)
        valkey.stop_signal(signal.SIGCONT)
        await ear.gap_after(gaps)
        await heard_again(broker, ear)
        await heard_again(broker, ear, "blog:2")
        payloads = [payload for _, payload in ear.messages]
        assert payloads.count(b"into the ice") <= 1000


async def test_nothing_is_published_twice(valkey: ValkeyProcess) -> None:
    """A frozen server carries out what it had received when it thaws; we must not repeat it."""
    async with running(valkey.url) as (sender, _):
        await eventually(lambda: sender.stats.connected)
        with valkey.client() as client, client.pubsub() as witness:
            witness.subscribe("liveblog:blog:1")
            assert witness.get_message(timeout=DEADLINE) is not None
            valkey.stop_signal(signal.SIGSTOP)
            sender.publish("blog:1", b"once")
            await eventually(lambda: sender.stats.dropped == 1)
            valkey.stop_signal(signal.SIGCONT)
            await eventually(lambda: sender.stats.reconnects == 1)
            sender.publish("blog:1", b"last")
            seen: list[bytes] = []
            while b"last" not in seen:
                message = await asyncio.to_thread(witness.get_message, timeout=DEADLINE)
                assert message is not None
                seen.append(message["data"])
            assert seen.count(b"once") <= 1


@pytest.mark.parametrize("kind", ["pubsub", "normal"])
async def test_a_killed_connection_is_a_gap(valkey: ValkeyProcess, kind: str) -> None:
    async with running(valkey.url) as (broker, ear):
        assert await broker.subscribe("blog:1", DEADLINE)
        await heard_again(broker, ear)
        gaps = ear.gaps
        with valkey.client() as client:
            assert client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes") >= 1
        await ear.gap_after(gaps)
        await heard_again(broker, ear)


async def test_a_server_that_comes_later(valkey: ValkeyProcess) -> None:
    valkey.kill()
    async with running(valkey.url) as (broker, ear):
        assert not await broker.subscribe("blog:1", 0.05)
        assert not broker.stats.connected
        assert broker.heard_at == -math.inf
        assert ear.gaps == 0
        valkey.start()
        await ear.gap_after(0)
        await heard_again(broker, ear)
        assert await broker.subscribe("blog:1", DEADLINE)


async def test_a_path_that_delivers_nothing_is_noticed(valkey: ValkeyProcess) -> None:
    """The server answers every command, but our subscriber was never told: only a probe sees it."""
    with valkey.client() as client:
        client.execute_command("ACL", "SETUSER", "default", "resetchannels", "&*:blog:*")
        async with running(valkey.url, deaf_after=0.3) as (broker, ear):
            assert not await broker.subscribe("blog:1", 0.5)
            assert not broker.stats.connected
            client.execute_command("ACL", "SETUSER", "default", "allchannels")
            await ear.gap_after(0)
            await heard_again(broker, ear)


async def test_a_lost_probe_is_a_gap(valkey: ValkeyProcess) -> None:
    async with running(valkey.url, deaf_after=DEADLINE) as (broker, ear):
        await ear.gap_after(0)
        await eventually(lambda: broker.heard_at > -math.inf)
        with valkey.client() as client:
            client.execute_command("ACL", "SETUSER", "default", "-publish")
            heard = broker.heard_at
            await eventually(lambda: time.monotonic() - heard > 0.5)
            assert broker.stats.connected
            client.execute_command("ACL", "SETUSER", "default", "+publish")
        await ear.gap_after(1)
        assert broker.stats.reconnects == 0


async def test_a_faulty_listener_stops_nothing(
    valkey: ValkeyProcess, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(Ear):
        def on_message(self, channel: str, payload: bytes) -> None:
            super().on_message(channel, payload)
            raise ValueError("a bug")

    broker = RedisBroker(valkey.url)
    ear = Faulty()
    broker.set_listener(ear)
    await broker.start()
    try:
        assert await broker.subscribe("blog:1", DEADLINE)
        for _ in range(5):
            await heard_again(broker, ear)
    finally:
        await broker.stop()
    failures = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(failures) == 1


async def test_being_away_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running(f"unix://{tmp_path}/nothing.sock") as (broker, _):
        assert not await broker.subscribe("blog:1", 1.0)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


async def test_a_full_queue_drops_the_oldest(valkey: ValkeyProcess) -> None:
    valkey.kill()
    async with running(valkey.url) as (broker, ear):
        await broker.subscribe("blog:1", 0)
        for number in range(5000):
            broker.publish("blog:1", b"%d" % number)
        assert broker.stats.dropped == 5000 - 4096
        valkey.start()
        # Whether the subscription or the queue comes first is open, the end of it is not.
        await ear.gap_after(0)
        await heard_again(broker, ear)
        assert broker.stats.dropped == 5000 - 4096


async def test_stop_sends_what_is_queued(valkey: ValkeyProcess) -> None:
    """Many times: a cancellation must not be lost, whatever the tasks are just doing."""
    async with running(valkey.url) as (broker, ear):
        assert await broker.subscribe("blog:1", DEADLINE)
        for number in range(50):
            hasty = RedisBroker(valkey.url)
            await hasty.start()
            hasty.publish("blog:1", b"goodbye %d" % number)
            await hasty.stop()
            await ear.until(lambda: len(ear.messages) == number + 1)  # noqa: B023 - awaited here
            hasty.publish("blog:1", b"too late")
            assert hasty.stats.dropped == 1


@pytest.mark.parametrize("state", ["well", "frozen", "away"])
async def test_stop_leaves_nothing_behind(valkey: ValkeyProcess, state: str) -> None:
    before = asyncio.all_tasks()
    async with running(valkey.url) as (broker, _):
        assert await broker.subscribe("blog:1", DEADLINE)
        if state == "frozen":
            valkey.stop_signal(signal.SIGSTOP)
        elif state == "away":
            valkey.kill()
        broker.publish("blog:1", b"x" * 1_000_000)
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert not broker.stats.connected
    if state == "frozen":
        valkey.stop_signal(signal.SIGCONT)
    if state != "away":
        with valkey.client() as client:
            await eventually(lambda: len(client.client_list()) == 1)
    await broker.stop()


async def test_start_returns_at_once_and_many_channels_come_back(valkey: ValkeyProcess) -> None:
    async with running(valkey.url) as (broker, ear):
        names = [f"blog:{number}" for number in range(1200)]
        calls: list[Awaitable[bool]] = [broker.subscribe(name, DEADLINE) for name in names]
        assert all(await asyncio.gather(*calls))
        gaps = ear.gaps
        valkey.restart_empty()
        await ear.gap_after(gaps)
        await heard_again(broker, ear, names[-1])
        with valkey.client() as client:
            assert len(client.execute_command("PUBSUB", "CHANNELS", "*:blog:*")) == 1200


@pytest.mark.parametrize(
    "url",
    [
        "http://host/",
        "nonsense",
        "redis://host:port",
        "redis://host?no_such_option=1",
        "redis+sentinel://host:1",
        "redis+sentinel://,/main",
    ],
)
def test_a_wrong_address_is_said_at_once(url: str) -> None:
    with pytest.raises(BrokerConfigError, match="address of the message server"):
        RedisBroker(url)
