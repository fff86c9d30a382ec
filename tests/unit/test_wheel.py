"""The timer wheel, against a plain map from items to the turns they are due in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveblog.server.wheel import Wheel

SLOTS = 7
step = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 5), st.integers(1, SLOTS)),
    st.tuples(st.just("drop"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("turn"), st.just(0), st.just(0)),
)


@given(st.lists(step, max_size=60))
def test_each_is_given_once_in_its_turn(steps: list[tuple[str, int, int]]) -> None:
    wheel: Wheel[int] = Wheel(SLOTS)
    slots: dict[int, int] = {}
    due: dict[int, int] = {}
    now = 0
    for what, item, turns in steps:
        if what == "put":
            if item in slots:  # as a reader does: off before it is put again
                wheel.drop(item, slots[item])
            slots[item], due[item] = wheel.put(item, turns), now + turns
        elif what == "drop" and item in slots:
            wheel.drop(item, slots[item])
            wheel.drop(item, slots.pop(item))
            due.pop(item, None)
        elif what == "turn":
            now += 1
            wanted = {one for one, at in due.items() if at == now}
            assert wheel.turn() == wanted
            for one in wanted:
                del due[one]
        assert wheel.empty() == (not due)


@pytest.mark.parametrize("turns", [1, SLOTS - 1, SLOTS])
def test_the_farthest_is_not_given_at_once(turns: int) -> None:
    wheel: Wheel[str] = Wheel(SLOTS)
    wheel.turn()
    wheel.put("it", turns)
    assert [wheel.turn() for _ in range(turns)] == [set()] * (turns - 1) + [{"it"}]
    assert wheel.empty()


def test_what_is_put_while_it_turns_waits_for_the_next() -> None:
    wheel: Wheel[str] = Wheel(SLOTS)
    wheel.put("a", 1)
    for item in wheel.turn():
        wheel.put(item, SLOTS)
        wheel.put("b", 1)
    assert wheel.turn() == {"b"}
