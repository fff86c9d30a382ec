"""A topic: joining, lagging and catching up, heartbeats, ends; all in memory."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import pytest

from liveblog.fanout.subscriber import Subscriber
from liveblog.fanout.topic import BATCH_BYTES, Topic
from liveblog.fanout.window import Bounds, Window
from liveblog.model.permissions import Principal
from liveblog.types import BlogId, EntryId, Epoch, Revision, Seq, Slug
from liveblog.wire import messages as m
from liveblog.wire.codec import Format
from tests.kit import MemorySink

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)
SLUG, EPOCH, BLOG = Slug("war"), Epoch("here"), BlogId("b")
DATA = Format("message", "json", "data")


def blog(visibility: Any = "public") -> m.BlogView:
    return m.BlogView(
        SLUG, "War", "", "", "live", visibility, "en", "ltr", "UTC", Revision(1), NOW, NOW, "/"
    )


def change(seq: int, subject: str = "", size: int = 1) -> m.EntryRetracted:
    stone = m.Tombstone(
        EntryId(subject or f"e{seq}"), SLUG, Seq(seq), Revision(seq), "retracted", NOW, "x" * size
    )
    return m.EntryRetracted(Seq(seq), NOW, stone)


class Stage:
    """A topic whose extensions are only written down."""

    def __init__(self, **bounds: int) -> None:
        self.wanted: list[int] = []
        window = Window(EPOCH, Seq(0), Seq(0), [], Bounds(**bounds))
        self.topic = Topic(
            BLOG, blog(), window, "/snapshot", lambda v, b: "", lambda t, s: self.wanted.append(s)
        )

    def join(self, seq: int = 0, who: Principal | None = None) -> Subscriber:
        reader = Subscriber(MemorySink(), DATA, who)
        self.topic.attach(reader, Seq(seq), b'{"type":"hello"}')
        return reader

    def publish(self, *subjects: str, size: int = 1) -> None:
        head = self.topic.window.head
        views = [change(head + n + 1, name, size) for n, name in enumerate(subjects)]
        self.topic.advance(views, Seq(head + len(views)))


def sink(reader: Subscriber) -> MemorySink:
    assert isinstance(reader.sink, MemorySink)
    return reader.sink


def heard(reader: Subscriber) -> list[Any]:
    """What it heard since it was asked last: type and seqs."""
    inbox, sink(reader).inbox = sink(reader).inbox, []
    found: list[Any] = []
    for data in inbox:
        message = msgspec.json.decode(data)
        seqs = [c["seq"] for c in message.get("changes", [])]
        found.append((message["type"], seqs or message.get("seq")))
    return found


def lagging(reader: Subscriber) -> bool:
    return reader.lagging


def beat(view: m.BlogView, cursor: Any, seq: Seq) -> m.Heartbeat:
    return m.Heartbeat(view.slug, cursor, seq, NOW)


def test_a_reader_joins_at_its_place_and_is_live() -> None:
    stage = Stage()
    stage.publish("a")
    stage.publish("b")
    reader = stage.join(1)
    assert heard(reader) == [("hello", None), ("changes", [2])]
    stage.publish("c")
    assert heard(reader) == [("change", 3)]
    stage.publish("a", "b")
    assert heard(reader) == [("changes", [4, 5])], "one transaction, one message"


def test_the_same_bytes_go_to_all() -> None:
    stage = Stage()
    readers = [stage.join() for _ in range(3)]
    for reader in readers:
        heard(reader)
    stage.publish("a")
    assert len({id(sink(reader).inbox[0]) for reader in readers}) == 1


def test_a_full_reader_is_skipped_and_gets_the_present_later() -> None:
    stage = Stage()
    slow, quick = stage.join(), stage.join()
    heard(slow)
    sink(slow).blocked = True
    for subject in "abaab":
        stage.publish(subject)
    stage.topic.heartbeat(beat)
    assert heard(slow) == []
    assert lagging(slow)
    assert [kind for kind, _ in heard(quick)] == ["hello"] + ["change"] * 5 + ["heartbeat"]
    sink(slow).drain()
    assert heard(slow) == [("changes", [4, 5])]
    assert not lagging(slow)
    stage.topic.heartbeat(beat)
    assert heard(slow) == [("heartbeat", 5)]


def test_batches_are_cut_where_the_transport_is_full() -> None:
    stage = Stage()
    slow = stage.join()
    heard(slow)
    sink(slow).blocked = True
    for n in range(10):
        stage.publish(f"e{n}", size=BATCH_BYTES // 3)
    sizes: list[int] = []

    def check(data: bytes) -> None:
        sizes.append(len(data))
        sink(slow).blocked = True

    sink(slow)._check = check
    drained = 0
    while lagging(slow):
        sink(slow).drain()
        drained += 1
        assert len(sizes) == drained, "one batch for one drain"
    assert len(sizes) == 5
    assert max(sizes) <= BATCH_BYTES + 1000
    seqs = [s for _, found in heard(slow) for s in found]
    assert seqs == list(range(1, 11))


def test_a_lagging_reader_below_the_floor_asks_for_an_extension() -> None:
    stage = Stage(count=2)
    slow = stage.join()
    heard(slow)
    sink(slow).blocked = True
    for subject in "abcd":
        stage.publish(subject)
    sink(slow).drain()
    assert (stage.wanted, lagging(slow)) == ([0], True)
    topic = stage.topic
    topic.window.extend([topic.encode(change(n)) for n in range(1, 5)], Seq(0))
    topic.catch_up_lagging(Seq(0))
    assert heard(slow) == [("changes", [1, 2, 3, 4])]
    assert not lagging(slow)


def test_one_that_no_extension_reaches_is_reset() -> None:
    stage = Stage(count=2)
    slow, other = stage.join(), stage.join()
    heard(slow)
    sink(slow).blocked = True
    for subject in "abcd":
        stage.publish(subject)
    sink(slow).drain()
    stage.topic.catch_up_lagging(Seq(0))
    assert heard(slow) == [("reset", None)]
    assert sink(slow).closed == (4001, "resync")
    assert stage.topic.readers == {other}


def test_another_history_resets_everybody() -> None:
    stage = Stage()
    reader, woken = stage.join(), []
    heard(reader)
    stage.topic.changed.add(lambda: woken.append(1))
    stage.topic.replace(Window(Epoch("new"), Seq(0), Seq(0), [], Bounds()))
    assert heard(reader) == [("reset", None)]
    assert (sink(reader).closed, woken) == ((4001, "resync"), [1])
    assert stage.topic.readers == set()


@pytest.mark.parametrize(("visibility", "code"), [("private", 4501), ("draft", 4504)])
def test_who_may_not_read_any_more_is_ended_before_the_change(visibility: Any, code: int) -> None:
    stage = Stage()
    nobody, reader = stage.join(), stage.join(who=Principal("t", "t", "admin"))
    heard(nobody)
    stage.topic.advance([m.BlogRevised(Seq(1), NOW, blog(visibility))], Seq(1))
    assert heard(nobody) == []
    assert (sink(nobody).closed or (0, ""))[0] == code
    assert heard(reader)[-1] == ("change", 1)


def test_the_stuck_are_cut_and_only_they() -> None:
    stage = Stage()
    slow, quick = stage.join(), stage.join()
    sink(slow).blocked = True
    stage.publish("a")
    assert stage.topic.abort_stuck(1000.0) == 0
    assert stage.topic.abort_stuck(-1.0) == 1
    assert sink(slow).aborted
    assert stage.topic.readers == {quick}


def test_who_takes_no_heartbeat_is_cut_where_nothing_is_published() -> None:
    """It was full and did not lag, so it stayed for ever."""
    stage = Stage()
    slow, quick = stage.join(), stage.join()
    sink(slow).blocked = True
    stage.topic.heartbeat(beat)
    assert (lagging(slow), lagging(quick)) == (True, False)
    sink(slow).drain()
    assert not lagging(slow), "it has everything"
    stage.topic.heartbeat(beat)
    assert heard(slow) == [("hello", None), ("heartbeat", 0)]
    sink(slow).blocked = True
    stage.topic.heartbeat(beat)
    assert stage.topic.abort_stuck(-1.0) == 1
    assert stage.topic.readers == {quick}


def test_nobody_is_left_behind_by_who_goes_during_a_broadcast() -> None:
    stage = Stage()
    readers = [stage.join() for _ in range(5)]
    for reader in readers:
        sink(reader)._check = lambda _: stage.topic.detach(readers[0])
    stage.publish("a")
    assert all(heard(reader)[-1] == ("change", 1) for reader in readers[1:])


def test_who_has_gone_is_told_nothing_when_it_drains() -> None:
    stage = Stage()
    slow = stage.join()
    sink(slow).blocked = True
    stage.publish("a")
    stage.topic.detach(slow)
    heard(slow)
    sink(slow).drain()
    assert heard(slow) == []


def test_a_message_of_another_history_is_given_to_nobody() -> None:
    """Not even with the same numbers."""
    stage = Stage()
    stage.publish("a")
    old, _ = stage.topic.batch(Seq(0), DATA)
    stage.topic.replace(Window(Epoch("new"), Seq(1), Seq(0), [], Bounds()))
    new, _ = stage.topic.batch(Seq(0), DATA)
    assert (b"here:1" in old, b"here:1" in new, b"new:1" in new) == (True, False, True)


class BrokenSink(MemorySink):
    """A transport whose second write fails."""

    def offer(self, data: bytes) -> bool:
        if self.inbox:
            raise TypeError("this cannot be said")
        return super().offer(data)


def test_a_reader_whose_attaching_fails_is_not_kept() -> None:
    """It stayed among the readers for ever, and the topic with it."""
    stage = Stage()
    stage.publish("a")
    reader = Subscriber(BrokenSink(), DATA)
    with pytest.raises(TypeError):
        stage.topic.attach(reader, Seq(0), b"{}")
    assert stage.topic.readers == set()


def test_one_reader_that_cannot_be_served_does_not_stop_the_others() -> None:
    stage = Stage()
    bad = Subscriber(BrokenSink(), DATA)
    stage.topic.attach(bad, Seq(0), b"{}")
    good, woken = stage.join(), []
    heard(good)
    stage.topic.changed.add(lambda: woken.append(1))
    stage.publish("a")
    assert heard(good) == [("change", 1)]
    assert (stage.topic.readers, woken) == ({good}, [1])
    assert sink(bad).closed == (1011, "internal error")


@pytest.mark.parametrize("when", ["heartbeat", "drain", "retry", "extension"])
def test_one_reader_that_cannot_be_served_stops_nothing_else(when: str) -> None:
    """Of those who lagged, one was tried again each second, and ended the look for all."""
    stage = Stage()
    readers = [stage.join() for _ in range(6)]
    if when != "heartbeat":
        for reader in readers:
            sink(reader).blocked = True
        stage.publish("a")
    for reader in readers[::2]:
        sink(reader)._check = _fail
    for reader in readers:
        heard(reader)
        if when == "drain":
            sink(reader).drain()
        sink(reader).blocked = False
    if when == "heartbeat":
        stage.topic.heartbeat(beat)
    elif when == "retry":
        stage.topic.retry()
    elif when == "extension":
        stage.topic.catch_up_lagging(Seq(0))
    wanted = [("heartbeat", 0)] if when == "heartbeat" else [("changes", [1])]
    assert [heard(reader) for reader in readers[1::2]] == [wanted] * 3
    assert stage.topic.readers == set(readers[1::2])
    assert {sink(reader).closed for reader in readers[::2]} == {(1011, "internal error")}


def test_those_ended_for_what_they_sent_are_counted() -> None:
    stage = Stage()
    for code in (4500, 1002, 4009, 4500):
        stage.topic.end(stage.join(), b"", code, "")
    assert stage.topic.refused == 2


def test_one_poll_that_cannot_be_answered_does_not_stop_the_others() -> None:
    stage, woken = Stage(), []

    def poll(number: int) -> None:
        if number % 2:
            raise TypeError("of the test")
        woken.append(number)

    stage.topic.changed = {partial(poll, number) for number in range(6)}
    stage.publish("a")
    assert sorted(woken) == [0, 2, 4]


def test_nothing_is_given_from_memory_that_is_not_believed() -> None:
    stage = Stage()
    slow = stage.join()
    sink(slow).blocked = True
    stage.publish("a")
    heard(slow)
    stage.topic.believed = lambda: False
    sink(slow).drain()
    assert heard(slow) == []
    stage.topic.believed = lambda: True
    stage.topic.retry()
    assert heard(slow) == [("changes", [1])]
    assert not lagging(slow)


def test_an_extension_that_failed_is_asked_for_again() -> None:
    """The sink was empty, so nothing ever called; the reader was cut after half a minute."""
    stage = Stage(count=2)
    slow = stage.join()
    sink(slow).blocked = True
    stage.publish("a", "b", "c", "d")
    sink(slow).drain()
    assert stage.wanted == [0]
    stage.topic.retry()
    assert stage.wanted == [0, 0]


def test_encodings_are_shed_when_they_grow_beyond_the_bound() -> None:
    stage = Stage(size=20_000)
    stage.publish(*(f"s{n}" for n in range(10)), size=1500)
    assert len(stage.topic.window) == 10
    reader = stage.join()
    assert len([found for found in heard(reader) if found[0] == "changes"]) == 1
    held = sum(change.size for change in stage.topic.window.values())
    assert held <= 20_000
    assert len(stage.topic.window) == 10, "what is known does not change by it"


class Counted:
    """How many a topic says it has written to."""

    def __init__(self, topic: Topic) -> None:
        self.readers: list[int] = []
        self.subjects: list[list[str]] = []
        topic.told = self._told

    def _told(self, _: BlogId, views: Any, readers: int) -> None:
        self.readers.append(readers)
        self.subjects.append([m.subject_of_view(view) for view in views])


def test_it_says_to_how_many_a_change_was_written() -> None:
    stage = Stage()
    counted = Counted(stage.topic)
    stage.publish("a")
    readers = [stage.join(1) for _ in range(3)]
    stage.publish("b", "c")
    assert counted.readers == [0, 3]
    assert counted.subjects == [["entry:a"], ["entry:b", "entry:c"]]
    sink(readers[0]).blocked = True
    stage.publish("d")
    stage.publish("e")
    assert counted.readers == [0, 3, 2, 2], "who lags is not written to"
    sink(readers[0]).drain()
    stage.publish("f")
    assert counted.readers[-1] == 3
    stage.topic.detach(readers[1])
    stage.publish("g")
    assert counted.readers[-1] == 2


def test_a_long_poll_that_waits_is_written_to() -> None:
    stage = Stage()
    counted = Counted(stage.topic)
    stage.join()
    stage.topic.changed.add(lambda: None)
    stage.publish("a")
    stage.publish("b")
    assert counted.readers == [2, 1]


def test_what_is_too_long_for_one_message_counts_those_who_got_all_of_it() -> None:
    stage = Stage()
    counted = Counted(stage.topic)
    ready, slow = stage.join(), stage.join()
    sink(slow).blocked = True
    stage.publish("a", "b", size=BATCH_BYTES)
    assert counted.readers == [1]
    assert len(sink(ready).inbox) == 3, "hello and two messages"


def test_a_reader_whose_sink_fails_is_not_counted() -> None:
    stage = Stage()
    counted = Counted(stage.topic)
    stage.join()
    broken = stage.join()
    sink(broken)._check = _fail
    stage.publish("a")
    assert counted.readers == [1]


def _fail(_: bytes) -> None:
    raise RuntimeError("no such transport")
