"""For any sequence of actions and any moment of joining: snapshot + what arrives = a fresh
snapshot; live seqs have no hole and no repeat; a retracted text is in nothing sent after
its retraction.

One machine with two processes, hints that are delivered, swapped or lost, readers that
join from fresh and stale snapshots, stop taking bytes, are cut and come back.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)

from liveblog.actions import Ask, Outcome
from liveblog.errors import Conflict, Gone
from liveblog.fanout.window import Bounds
from liveblog.model.day import Day
from liveblog.model.entry import Entry
from liveblog.types import EntryId
from liveblog.wire import messages as m
from liveblog.wire.requests import (
    DayLine,
    EditNote,
    NewBlog,
    NewEntry,
    PatchBlog,
    PatchDay,
    PatchEntry,
)
from tests.kit import EDITOR, SLUG, Process, Reader, World, decode

pick = st.integers(min_value=0, max_value=999)


class Following(RuleBasedStateMachine):
    """See the module."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.readers: list[Reader] = []
        self.snapshots: list[dict[str, Any]] = []
        self.ids: list[EntryId] = []
        self.marks: dict[EntryId, list[str]] = {}
        self.hidden: dict[EntryId, list[list[int]]] = {}
        self.keys: list[tuple[EntryId, str, NewEntry]] = []
        self.count = 0

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize(small=st.booleans())
    def begin(self, small: bool) -> None:
        """A small window sends readers below its floor all the time."""
        bounds = Bounds(count=3) if small else Bounds()
        self.world = self.run(World.open(self.folder, bounds=bounds))
        new = NewBlog(slug=SLUG, title="War", visibility="public", time_zone="Europe/Kyiv")
        self.run(self.world.processes[0].actions.blogs.create(new, Ask(EDITOR)))
        for n in range(5):
            self.create(n, key=n < 3, pinned=n == 0, draft=n == 4)
            self.join(n, 0, stale=False)
        # Two take nothing from the start, so that broadcasts meet full sockets in most examples.
        self.block(0, blocked=True)
        self.block(1, blocked=True)

    # A few broad rules and not one a kind: Hypothesis leaves rules out of an example at
    # random (swarm testing), and a machine that only reads or only writes proves nothing.

    @rule(
        kind=st.sampled_from(
            ["create", "create", "revise", "revise", "publish", "retract", "restore", "day", "blog"]
        ),
        n=pick,
        at=pick,
        flags=st.tuples(st.booleans(), st.booleans()),
    )
    def write(self, kind: str, n: int, at: int, flags: tuple[bool, bool]) -> None:
        if kind == "create":
            self.create(n, flags[0], flags[1], draft=at % 4 == 0)
        elif kind == "revise":
            self.revise(n, at, *(flag if n % 2 else None for flag in flags))
        elif kind == "publish":
            self.publish(n, at)
        elif kind == "retract":
            self.retract(n, at)
        elif kind == "restore":
            self.restore(n, at)
        elif kind == "day":
            self.edit_day(n, *flags)
        else:
            self.edit_blog(n)

    @rule(kind=st.sampled_from(["carry", "carry", "carry", "lose", "look"]), n=pick, which=pick)
    def transport(self, kind: str, n: int, which: int) -> None:
        if kind == "look":
            self.look(n)
        else:
            self.carry(n, which, kind == "lose")

    @rule(
        kind=st.sampled_from(
            ["keep", "join", "stale", "cut", "cut", "block", "block", "drain", "read", "read"]
        ),
        n=pick,
        at=pick,
    )
    def follow(self, kind: str, n: int, at: int) -> None:
        if kind == "keep":
            self.keep_snapshot()
        elif kind in ("join", "stale"):
            self.join(n, at, kind == "stale")
        elif kind == "cut":
            self.cut_and_come_back(at, n)
        elif kind in ("block", "drain"):
            self.block(at, kind == "block")
        else:
            self.take_in(self.readers[at % len(self.readers)])

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.settle()
                self.run(self.world.close())
        finally:
            self.loop.close()
            shutil.rmtree(self.folder)

    # Writing ------------------------------------------------------------------------------

    def mark(self, entry_id: EntryId | None = None) -> str:
        """A word that stands nowhere else."""
        self.count += 1
        word = f"mark{self.count}x"
        if entry_id is not None:
            self.marks[entry_id].append(word)
        return word

    def act(self, work: Any) -> Outcome | None:
        """Do it; what the present state does not allow is not done."""
        try:
            outcome: Outcome = self.run(work)
        except Conflict:
            return None
        return outcome

    def entry(self, n: int) -> Entry | None:
        if not self.ids:
            return None
        wanted = self.ids[n % len(self.ids)]
        found: Entry | None = self.run(
            self.world.store.read(
                lambda tx: tx.entry(blog.id, wanted) if (blog := tx.blog(SLUG)) else None
            )
        )
        return found

    def ask(self, value: Entry | Day, key: str | None = None) -> Ask:
        return Ask(EDITOR, key, "digest", value.revision)

    def process(self, n: int) -> Process:
        processes = self.world.processes
        return processes[n % len(processes)]

    def create(self, n: int, key: bool, pinned: bool, draft: bool) -> None:
        word = self.mark()
        new = NewEntry(
            headline=f"Head {word}",
            body=f"Body {word}",
            key=key,
            pinned=pinned,
            state="draft" if draft else "published",
        )
        name = f"key{self.count}"
        ask = Ask(EDITOR, name, "digest")
        outcome = self.act(self.process(n).actions.entries.create(SLUG, new, ask))
        if outcome is not None and isinstance(outcome.value, Entry):
            entry_id = outcome.value.id
            self.ids.append(entry_id)
            self.marks[entry_id] = [word]
            self.hidden[entry_id] = []
            self.keys.append((entry_id, name, new))

    def revise(self, n: int, at: int, key: bool | None, pinned: bool | None) -> None:
        entry = self.entry(at)
        if entry is None:
            return
        word = self.mark(entry.id)
        patch = PatchEntry(
            headline=f"Head {word}",
            body=f"Body {word}",
            key=entry.key if key is None else key,
            pinned=entry.pinned if pinned is None else pinned,
            edit=EditNote("correction", "wrong"),
        )
        actions = self.process(n).actions.entries
        self.act(actions.revise(SLUG, entry.id, patch, self.ask(entry)))

    def publish(self, n: int, at: int) -> None:
        entry = self.entry(at)
        if entry is not None and entry.state == "draft":
            actions = self.process(n).actions.entries
            patch = PatchEntry(state="published")
            self.act(actions.revise(SLUG, entry.id, patch, self.ask(entry)))

    def retract(self, n: int, at: int) -> None:
        entry = self.entry(at)
        if entry is None or entry.state == "retracted":
            return
        actions = self.process(n).actions.entries
        outcome = self.act(actions.retract(SLUG, entry.id, "gone", self.ask(entry)))
        assert outcome is not None
        assert isinstance(outcome.value, Entry)
        if outcome.value.public:
            self.hidden[entry.id].append([outcome.value.seq, 10**9])
            self.check_reads(entry.id)

    def restore(self, n: int, at: int) -> None:
        entry = self.entry(at)
        if entry is None or entry.state != "retracted":
            return
        actions = self.process(n).actions.entries
        outcome = self.act(actions.restore(SLUG, entry.id, self.ask(entry)))
        if outcome is not None and isinstance(outcome.value, Entry) and outcome.value.public:
            self.hidden[entry.id][-1][1] = outcome.value.seq

    def edit_day(self, n: int, drop: bool, reword: bool) -> None:
        day: Day | None = self.run(
            self.world.store.read(
                lambda tx: tx.latest_day(blog.id) if (blog := tx.blog(SLUG)) else None
            )
        )
        if day is None or not day.items:
            return
        lines = [
            DayLine(item.entry, f"Day {self.mark(item.entry)}" if reword else None)
            for item in reversed(day.items)
        ]
        patch = PatchDay(items=tuple(lines[1:] if drop else lines))
        actions = self.process(n).actions.blogs
        self.act(actions.revise_day(SLUG, day.date, patch, self.ask(day)))

    def edit_blog(self, n: int) -> None:
        view = self.run(self.world.queries.blog(SLUG, EDITOR))
        patch = PatchBlog(headline=f"Headline {self.mark()}")
        actions = self.process(n).actions.blogs
        self.act(actions.revise(SLUG, patch, Ask(EDITOR, match=view.revision)))

    # The carrier --------------------------------------------------------------------------

    def carry(self, n: int, which: int, lost: bool) -> None:
        broker = self.process(n).broker
        if broker.flying:
            index = which % len(broker.flying)

            async def arrive() -> None:
                (broker.lose if lost else broker.deliver)(index)

            self.run(arrive())

    def look(self, n: int) -> None:
        self.run(self.process(n).look())

    # Reading ------------------------------------------------------------------------------

    def keep_snapshot(self) -> None:
        self.snapshots.append(self.run(self.world.snapshot()))

    def join(self, n: int, which: int, stale: bool) -> None:
        if not stale or not self.snapshots:
            self.keep_snapshot()
            which = -1
        reader = Reader(self.snapshots[which % len(self.snapshots)])
        self.readers.append(reader)
        self.connect(reader, self.process(n))

    def connect(self, reader: Reader, process: Process) -> None:
        self.run(reader.connect(process, lambda data: self.check_written(process, data)))

    def cut_and_come_back(self, at: int, n: int) -> None:
        reader = self.readers[at % len(self.readers)]
        if not reader.needs_snapshot:
            self.connect(reader, self.process(n))

    def block(self, at: int, blocked: bool) -> None:
        sink = self.readers[at % len(self.readers)].sink

        async def change() -> None:
            if blocked:
                sink.blocked = True
            else:
                sink.drain()

        self.run(change())

    def take_in(self, reader: Reader) -> None:
        """Read; what was written to one connection continues without hole or repeat."""
        reader.actions.clear()
        reader.read()
        assert set(reader.actions) <= {"hello", "apply", "reset"}, reader.actions
        if reader.needs_snapshot:
            reader.cut()
            reader.take(self.run(self.world.snapshot()))

    # What must hold -----------------------------------------------------------------------

    def check_written(self, process: Process, data: bytes) -> None:
        """Nothing retracted up to the head of the process is in what it writes."""
        head = process.hub.topics[0].topic.window.head
        for entry_id, spans in self.hidden.items():
            if any(start <= head < end for start, end in spans):
                for word in self.marks[entry_id]:
                    assert word.encode() not in data, f"{word} after its retraction"

    def check_reads(self, entry_id: EntryId) -> None:
        """Nothing of a retracted entry is in any answer."""
        world = self.world
        texts = [
            str(self.run(world.snapshot())),
            world.pages.live(self.run(world.queries.live_page(SLUG, None))),
            world.pages.older(self.run(world.queries.older_page(SLUG, 1, None))),
            world.pages.gone(self.run(world.queries.entry_page(SLUG, entry_id, None))),
            str(decode(self.run(world.queries.entries(SLUG, EDITOR, limit=100)))),
            str([decode(d) for d in self.days()]),
        ]
        with pytest.raises(Gone):
            self.run(world.queries.revisions(SLUG, entry_id, EDITOR))
        for known, name, new in self.keys:
            if known == entry_id:
                ask = Ask(EDITOR, name, "digest")
                again = self.run(self.process(0).actions.entries.create(SLUG, new, ask))
                assert again.replayed
                texts.append(str(decode(m.entry_view(again.value, SLUG, world.links))))
        for text in texts:
            for word in self.marks[entry_id]:
                assert word not in text

    def rows(self) -> list[Day]:
        found: list[Day] = self.run(
            self.world.store.read(lambda tx: tx.days(b.id) if (b := tx.blog(SLUG)) else [])
        )
        return found

    def days(self) -> list[m.DayView]:
        return [m.day_view(day, SLUG, self.world.links) for day in self.rows()]

    def check_roll_ups(self, truth: dict[str, Any]) -> None:
        """Every published key entry that no editor dropped is in a roll-up, and nothing else."""
        rows = self.rows()
        keys = {e["id"] for e in truth.values() if e["state"] == "published" and e["key"]}
        dropped = {entry for day in rows for entry in day.dropped}
        assert {item.entry for day in rows for item in day.items} == keys - dropped

    def settle(self) -> None:
        """Every reader drains and comes to the head; then it holds what a fresh one would."""
        for process in self.world.processes:
            process.broker.flying.clear()
            self.run(process.look())
        for reader in self.readers:
            self.take_in(reader)
            if reader.process is None:
                self.connect(reader, self.world.processes[0])

            async def drain(reader: Reader = reader) -> None:
                reader.sink.drain()

            self.run(drain())
            for process in self.world.processes:
                self.run(process.settle())
            self.take_in(reader)
            if reader.process is None:
                self.connect(reader, self.world.processes[0])
                self.take_in(reader)
        fresh = self.run(self.world.snapshot())
        truth = self.truth()
        self.check_roll_ups(truth)
        for reader in self.readers:
            assert reader.state.cursor == fresh["cursor"]
            self.compare(reader, fresh, truth)

    def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for entry_id in self.ids:
            entry = self.entry(self.ids.index(entry_id))
            assert entry is not None
            found[entry_id] = decode(m.entry_view(entry, SLUG, self.world.links))
        return found

    def compare(self, reader: Reader, fresh: dict[str, Any], truth: dict[str, Any]) -> None:
        for entry_id, entry in reader.entries.items():
            assert entry == truth[entry_id]
        for entry_id, entry in truth.items():
            assert entry["seq"] <= reader.began or entry_id in reader.entries
        blog = {k: v for k, v in fresh["blog"].items() if k not in ("cursor", "seq")}
        assert reader.blog == blog
        newest = max(reader.days, default=None)
        assert (reader.days[newest] if newest else None) == fresh["day"]
        pinned = [e for e in reader.entries.values() if e.get("pinned")]
        assert pinned == ([fresh["pinned"]] if fresh["pinned"] else [])


Following.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestFollowing = Following.TestCase
