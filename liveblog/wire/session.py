"""How a reader joins: one pure decision, asked again after each thing done about it.

What the process knows of a blog is a *window*: every subject that changed after ``floor``,
as it is at ``head``. A reader names the position it has, or none. ``decide`` says what to
do next; the shell does it and asks again, telling what it has already done::

    asked position            window                       decision
    none                      any                          Start at head
    of another epoch          not asked the store yet      Heal, then Reset epoch_changed
    ahead of head             not asked the store yet      Heal, then Reset ahead
    floor <= asked <= head    —                            Start at asked
    below floor               not extended yet             Extend, then Reset too_old

Heal comes before any verdict, because the window, not the reader, may be the one behind:
the entry may have reached the reader through another process.
"""

from typing import Literal

from msgspec import Struct

from liveblog.model.position import Position
from liveblog.types import Seq

ResetReason = Literal["epoch_changed", "too_old", "ahead"]


class Start(Struct, frozen=True):
    """Say hello with this seq, send what changed after it, go live: in one step."""

    seq: Seq


class Heal(Struct, frozen=True):
    """Ask the store for its head and what is missing, then decide again."""


class Extend(Struct, frozen=True):
    """Read from the store what lies between the asked seq and the floor, then decide again."""

    after: Seq


class Refuse(Struct, frozen=True):
    """Send a reset with this reason and end the stream."""

    reason: ResetReason


Decision = Start | Heal | Extend | Refuse


def decide(
    asked: Position | None,
    known: Position,
    floor: Seq,
    *,
    healed: bool = False,
    extended: bool = False,
) -> Decision:
    """What to do for a reader that asks.

    :param asked: the position it has; None: it has none and wants what comes from now on.
    :param known: the position of the window.
    :param healed: the store was asked since the reader came.
    :param extended: the window was extended for this reader and this is all it can hold.
    """
    if asked is None:
        return Start(known.seq)
    if asked.epoch != known.epoch:
        return Refuse("epoch_changed") if healed else Heal()
    if asked.seq > known.seq:
        return Refuse("ahead") if healed else Heal()
    if asked.seq < floor:
        return Refuse("too_old") if extended else Extend(asked.seq)
    return Start(asked.seq)
