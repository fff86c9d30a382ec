"""Who is here, as a state machine: values in, values out, the time handed in.

A process knows its own desks (*seats*) and, from what the others say every few seconds, theirs.
It tells the whole list each time, so a message that was lost is made good by the next, and a
process that says nothing any more is forgotten with all its people. One person with several
desks, here or anywhere, is one person: a desk that is in use goes before one that is idle, one
with an entry before one without, and then the one that turned to its entry last.

Times are seconds of any one clock that never goes back. From process to process go ages, as
their clocks differ.
"""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from liveblog.types import EntryId
from liveblog.wire.desk_live import Here, Person, Spot, Who

IDLE = 30.0
"""Seconds after which somebody who said nothing is idle: three reports were missed."""

EXPIRE = 15.0
"""Seconds after which a process that said nothing is gone: three of its beats were missed."""

PROCESSES_MAX = 256
"""Other processes that are believed in; of more, the people are not shown."""


class Seat(Struct, frozen=True):
    """One open desk of this process."""

    who: Who
    spot: Spot | None
    turned_at: float
    said_at: float


class Heard(Struct, frozen=True):
    """What another process said, and when."""

    people: tuple[Here, ...]
    at: float


class Everybody(Struct, frozen=True):
    """Who is here, as one process knows it."""

    seats: Mapping[int, Seat] = {}
    heard: Mapping[str, Heard] = {}


def sit(state: Everybody, desk: int, who: Who, now: float) -> Everybody:
    """A desk was opened."""
    seat = Seat(who, None, now, now)
    return replace(state, seats={**state.seats, desk: seat})


def work(state: Everybody, desk: int, spot: Spot | None, now: float) -> Everybody:
    """A desk says what its person works on; one that is not open any more says nothing."""
    seat = state.seats.get(desk)
    if seat is None:
        return state
    turned = (seat.spot and seat.spot.entry) != (spot and spot.entry)
    seat = Seat(seat.who, spot, now if turned else seat.turned_at, now)
    return replace(state, seats={**state.seats, desk: seat})


def leave(state: Everybody, desk: int) -> Everybody:
    """A desk was closed."""
    return replace(state, seats={k: seat for k, seat in state.seats.items() if k != desk})


def publish(state: Everybody, entry: EntryId) -> Everybody:
    """Readers have seen this entry: whoever works on it may be seen to."""
    if not any(seat.spot and seat.spot.entry == entry for seat in state.seats.values()):
        return state

    def seen(seat: Seat) -> Seat:
        if seat.spot is None or seat.spot.entry != entry:
            return seat
        return replace(seat, spot=replace(seat.spot, public=True))

    return replace(state, seats={desk: seen(seat) for desk, seat in state.seats.items()})


def hear(state: Everybody, process: str, people: tuple[Here, ...], now: float) -> Everybody:
    """Another process tells who is there; nobody, when it has closed its last desk."""
    heard = {name: told for name, told in state.heard.items() if name != process}
    if people and len(heard) < PROCESSES_MAX:
        heard[process] = Heard(people, now)
    return replace(state, heard=heard)


def expire(state: Everybody, now: float) -> Everybody:
    """Forget the processes that have gone."""
    gone = [name for name, told in state.heard.items() if now - told.at > EXPIRE]
    if not gone:
        return state
    return replace(state, heard={n: told for n, told in state.heard.items() if n not in gone})


def own(state: Everybody, now: float) -> tuple[Here, ...]:
    """The people of this process, each once, by id: what the others are told."""
    return _each_once(
        Here(seat.who, seat.spot, now - seat.turned_at, now - seat.said_at)
        for seat in state.seats.values()
    )


def everybody(state: Everybody, now: float) -> tuple[Here, ...]:
    """All people, each once, by id."""
    others = (
        replace(one, turned=one.turned + now - told.at, quiet=one.quiet + now - told.at)
        for told in state.heard.values()
        for one in told.people
    )
    return _each_once((*own(state, now), *others))


def shown(people: Iterable[Here], sees: Callable[[Spot], bool]) -> list[Person]:
    """The people as somebody may see them, by name.

    :param sees: whether the one who looks may know of an entry.
    """
    found = [
        Person(
            one.who.id,
            one.who.name,
            one.spot.entry if one.spot is not None and sees(one.spot) else None,
            one.quiet > IDLE,
        )
        for one in people
    ]
    return sorted(found, key=lambda person: (person.name, person.id))


def _each_once(people: Iterable[Here]) -> tuple[Here, ...]:
    best: dict[str, Here] = {}
    for one in people:
        known = best.get(one.who.id)
        if known is None or _rank(one) > _rank(known):
            best[one.who.id] = one
    return tuple(best[key] for key in sorted(best))


def _rank(one: Here) -> tuple[bool, bool, float]:
    return (one.quiet <= IDLE, one.spot is not None, -one.turned)
