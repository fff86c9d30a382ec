"""Who is here: decided by values alone, with the time handed in."""

from hypothesis import given
from hypothesis import strategies as st

from liveblog.types import EntryId
from liveblog.wire import presence as p
from liveblog.wire.desk_live import Here, Person, Spot, Who

ANA, BEN = Who("1", "Ana"), Who("2", "Ben")
DRAFT = Spot(EntryId("draft"), "1", False)
PUBLIC = Spot(EntryId("public"), "1", True)


def everything(_: Spot) -> bool:
    """An editor's eyes."""
    return True


def seen(state: p.Everybody, now: float) -> list[Person]:
    """What an editor sees."""
    return p.shown(p.everybody(state, now), everything)


def test_a_person_sits_works_and_leaves() -> None:
    state = p.sit(p.Everybody(), 1, ANA, 0)
    assert seen(state, 0) == [Person("1", "Ana", None, False)]
    state = p.work(state, 1, DRAFT, 1)
    assert seen(state, 1) == [Person("1", "Ana", EntryId("draft"), False)]
    state = p.leave(state, 1)
    assert seen(state, 2) == []
    assert p.work(state, 1, DRAFT, 3) == state, "what comes after the end is nothing"


def test_two_desks_of_one_person_are_one_person() -> None:
    state = p.sit(p.sit(p.Everybody(), 1, ANA, 0), 2, ANA, 0)
    state = p.work(state, 1, DRAFT, 1)
    assert [one.entry for one in seen(state, 1)] == ["draft"], "one with an entry goes first"
    state = p.work(state, 2, PUBLIC, 2)
    assert [one.entry for one in seen(state, 2)] == ["public"], "then the one turned to last"
    state = p.work(state, 1, DRAFT, 3)
    assert [one.entry for one in seen(state, 3)] == ["public"], "a mere report is no turning"
    state = p.leave(state, 2)
    assert [one.entry for one in seen(state, 4)] == ["draft"]


def test_a_person_in_two_processes_is_one_person() -> None:
    state = p.work(p.sit(p.Everybody(), 1, ANA, 0), 1, DRAFT, 10)
    state = p.hear(state, "other", (Here(ANA, PUBLIC, turned=2, quiet=1),), 10)
    assert [one.entry for one in seen(state, 10)] == ["draft"]
    state = p.hear(state, "other", (Here(ANA, PUBLIC, turned=0, quiet=0),), 11)
    assert [one.entry for one in seen(state, 11)] == ["public"]


def test_who_says_nothing_is_idle_and_gives_way_to_a_desk_in_use() -> None:
    state = p.work(p.sit(p.Everybody(), 1, ANA, 0), 1, DRAFT, 0)
    assert not seen(state, p.IDLE)[0].idle
    assert seen(state, p.IDLE + 1) == [Person("1", "Ana", EntryId("draft"), True)]
    state = p.sit(state, 2, ANA, p.IDLE + 1)
    assert seen(state, p.IDLE + 1) == [Person("1", "Ana", None, False)]


def test_people_of_a_process_grow_idle_while_it_is_only_remembered() -> None:
    state = p.hear(p.Everybody(), "other", (Here(BEN, None, 0, p.IDLE - 1),), 100)
    assert not seen(state, 100)[0].idle
    assert seen(state, 102)[0].idle


def test_a_process_that_is_silent_is_gone_with_its_people() -> None:
    state = p.hear(p.Everybody(), "other", (Here(BEN, None, 0, 0),), 0)
    assert p.expire(state, p.EXPIRE) == state
    assert seen(p.expire(state, p.EXPIRE + 0.1), p.EXPIRE + 0.1) == []


def test_a_process_that_says_nobody_is_there_is_forgotten_at_once() -> None:
    state = p.hear(p.Everybody(), "other", (Here(BEN, None, 0, 0),), 0)
    assert p.hear(state, "other", (), 1).heard == {}


def test_so_many_processes_are_believed_in() -> None:
    state = p.Everybody()
    for number in range(p.PROCESSES_MAX + 5):
        state = p.hear(state, f"process {number}", (Here(BEN, None, 0, 0),), 0)
    assert len(state.heard) == p.PROCESSES_MAX
    again = p.hear(state, "process 0", (Here(ANA, None, 0, 0),), 1)
    assert [one.name for one in seen(again, 1)] == ["Ana", "Ben"], "who is known is heard"


def test_what_may_not_be_seen_is_not_shown() -> None:
    state = p.work(p.sit(p.Everybody(), 1, ANA, 0), 1, DRAFT, 0)
    people = p.everybody(state, 0)
    assert p.shown(people, lambda spot: spot.public) == [Person("1", "Ana", None, False)]
    published = p.everybody(p.publish(state, DRAFT.entry), 0)
    assert [one.entry for one in p.shown(published, lambda spot: spot.public)] == ["draft"]
    assert p.publish(state, PUBLIC.entry) is state


names = st.sampled_from([ANA, BEN, Who("3", "Cem")])
spots = st.sampled_from([None, DRAFT, PUBLIC])
steps = st.one_of(
    st.tuples(st.just("sit"), st.integers(0, 4), names),
    st.tuples(st.just("work"), st.integers(0, 4), spots),
    st.tuples(st.just("leave"), st.integers(0, 4), st.none()),
)


@given(st.lists(steps, max_size=30))
def test_everybody_with_an_open_desk_is_here_once(steps: list[tuple[str, int, object]]) -> None:
    """And what one process tells another is who is there."""
    state, open_desks = p.Everybody(), dict[int, Who]()
    for now, (kind, desk, what) in enumerate(steps):
        if kind == "sit" and isinstance(what, Who):
            state = p.sit(state, desk, what, now)
            open_desks[desk] = what
        elif kind == "work":
            state = p.work(state, desk, what if isinstance(what, Spot) else None, now)
        else:
            state = p.leave(state, desk)
            open_desks.pop(desk, None)
    end = float(len(steps))
    expected = sorted({who.id for who in open_desks.values()})
    assert sorted(one.id for one in seen(state, end)) == expected
    other = p.hear(p.Everybody(), "one", p.own(state, end), end)
    assert seen(other, end) == seen(state, end)
