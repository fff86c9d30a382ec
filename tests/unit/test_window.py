"""The window: what it answers is what a list of all changes would answer."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from liveblog.fanout.window import Bounds, Window
from liveblog.types import Epoch, Seq
from liveblog.wire.codec import Encoded


class Fake:
    """A change of a subject."""

    def __init__(self, subject: int, seq: int, size: int = 1) -> None:
        self.subject, self.seq, self.size = str(subject), seq, size

    def __repr__(self) -> str:
        return f"{self.subject}@{self.seq}"


def encoded(fakes: Sequence[Fake]) -> Any:
    return list(fakes)


def window(changes: Sequence[Fake] = (), **bounds: int) -> Window:
    head = Seq(changes[-1].seq if changes else 0)
    return Window(Epoch("here"), head, Seq(0), encoded(changes), Bounds(**bounds))


def seqs(found: Sequence[Encoded]) -> list[int]:
    return [c.seq for c in found]


turns = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True), max_size=30)


@given(turns, st.integers(1, 6))
def test_since_is_each_subject_once_as_it_is_now(turns: list[list[int]], count: int) -> None:
    made = window(count=count)
    latest: dict[str, Fake] = {}
    seq = 0
    for subjects in turns:
        changes = [Fake(subject, seq + n + 1) for n, subject in enumerate(subjects)]
        seq += len(changes)
        latest |= {c.subject: c for c in changes}
        made.advance(encoded(changes), Seq(seq))
        assert made.head == seq
        assert len(made) == min(count, len(latest))
        for after in range(made.floor, seq + 1):
            now = sorted(c.seq for c in latest.values() if c.seq > after)
            assert seqs(made.since(Seq(after))) == now


def test_it_is_bounded_by_bytes_and_keeps_the_newest() -> None:
    made = window([Fake(1, 1, 60), Fake(2, 2, 60)], size=100)
    assert (seqs(made.values()), made.floor) == ([2], 1)
    made.advance(encoded([Fake(3, 3, 500)]), Seq(3))
    assert (seqs(made.values()), made.floor) == ([3], 2)


def test_extending_serves_who_it_was_read_for_and_is_trimmed_later() -> None:
    made = window([Fake(n, n) for n in range(1, 7)], count=3)
    assert made.floor == 3
    made.extend(encoded([Fake(n, n) for n in range(2, 7)]), Seq(1))
    assert (made.floor, seqs(made.since(Seq(1)))) == (1, [2, 3, 4, 5, 6])
    made.advance(encoded([Fake(7, 7)]), Seq(7))
    assert (made.floor, seqs(made.values())) == (4, [5, 6, 7])


def test_extending_never_brings_back_what_has_changed_since() -> None:
    """The read is older than the window: subject 2 changed again meanwhile."""
    made = window([Fake(n, n) for n in range(1, 5)], count=2)
    made.advance(encoded([Fake(2, 5)]), Seq(5))
    made.extend(encoded([Fake(2, 2), Fake(3, 3), Fake(4, 4)]), Seq(1))
    assert [repr(c) for c in made.since(Seq(1))] == ["3@3", "4@4", "2@5"]


def test_extending_upwards_changes_nothing() -> None:
    made = window([Fake(n, n) for n in range(1, 5)], count=2)
    made.extend(encoded([Fake(4, 4)]), Seq(3))
    assert (made.floor, seqs(made.values())) == (2, [3, 4])
