"""How a reader joins: the decision for every place it can be in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveblog.model.position import Position
from liveblog.types import Epoch, Seq
from liveblog.wire.session import Decision, Extend, Heal, Refuse, Start, decide

HERE, OTHER = Epoch("here"), Epoch("other")
KNOWN, FLOOR = Position(HERE, Seq(50)), Seq(10)


def at(seq: int, epoch: Epoch = HERE) -> Position:
    return Position(epoch, Seq(seq))


@pytest.mark.parametrize(
    ("asked", "done", "expected"),
    [
        (None, {}, Start(Seq(50))),
        (at(50), {}, Start(Seq(50))),
        (at(49), {}, Start(Seq(49))),
        (at(10), {}, Start(Seq(10))),
        (at(9), {}, Extend(Seq(9))),
        (at(0), {}, Extend(Seq(0))),
        (at(9), {"extended": True}, Refuse("too_old")),
        (at(51), {}, Heal()),
        (at(51), {"healed": True}, Refuse("ahead")),
        (at(30, OTHER), {}, Heal()),
        (at(30, OTHER), {"healed": True}, Refuse("epoch_changed")),
        (at(99, OTHER), {"healed": True}, Refuse("epoch_changed")),
        (at(9), {"healed": True}, Extend(Seq(9))),
    ],
)
def test_the_table(asked: Position | None, done: dict[str, bool], expected: Decision) -> None:
    assert decide(asked, KNOWN, FLOOR, **done) == expected


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.booleans(), st.booleans())
def test_it_starts_only_where_the_window_knows(
    asked: int, head: int, floor: int, healed: bool, extended: bool
) -> None:
    floor = min(floor, head)
    met = decide(at(asked), at(head), Seq(floor), healed=healed, extended=extended)
    assert isinstance(met, Start) == (floor <= asked <= head)
    if healed and extended:
        assert isinstance(met, Start | Refuse), "after everything was done there is an answer"
