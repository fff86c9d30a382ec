"""How a client follows: the rules of docs/protocol.md as one pure state machine.

State is what the client holds (cursor and seq); each message gives the next state and what
to do. The Python client, the tests' readers and, in its own words, the page's script use
it; ``tests/vectors`` holds the table that all of them pass. Messages are plain dicts,
because a client must live with fields and types it does not know.
"""

from typing import Any, Literal

from msgspec import Struct

Verb = Literal["hello", "apply", "drop", "hole", "reset", "reconnect", "heartbeat", "ignore"]


class Follower(Struct, frozen=True):
    """What a client holds: no cursor at first and after a reset."""

    cursor: str | None = None
    seq: int = -1


class Step(Struct, frozen=True):
    """What to do about a message, and the state after it."""

    action: Verb
    state: Follower
    changes: tuple[dict[str, Any], ...] = ()


def follow(state: Follower, message: dict[str, Any]) -> Step:
    """The step a message asks for.

    ``hole`` means: close, connect again with the cursor of the state. A hello ahead of the
    cursor held is one too: believing it would skip what lies between.
    """
    kind = message.get("type")
    if kind in ("reset", "reconnect"):
        return Step(kind, Follower() if kind == "reset" else state)
    if kind not in ("hello", "change", "changes", "heartbeat"):
        return Step("ignore", state)
    cursor, seq = message["cursor"], message["seq"]
    if kind == "hello":
        if state.cursor is None:
            return Step("hello", Follower(cursor, seq))
        return Step("hole" if seq > state.seq else "hello", state)
    if kind == "heartbeat":
        return Step("hole" if seq > state.seq else "heartbeat", state)
    if seq <= state.seq:
        return Step("drop", state)
    if kind == "change":
        continues = seq == state.seq + 1
        changes = (message["change"],)
    else:
        continues = message["from"] == state.cursor
        changes = tuple(message["changes"])
    if not continues:
        return Step("hole", state)
    return Step("apply", Follower(cursor, seq), changes)


def newer(shown: dict[str, Any] | None, subject: dict[str, Any]) -> bool:
    """Whether a subject replaces the one shown: only a higher revision does."""
    return shown is None or subject.get("revision", 0) > shown.get("revision", 0)
