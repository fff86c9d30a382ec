"""How a strand becomes moves: what the desk does, one after the other, for ever.

Pure: no clock, no network. The order is that of a desk at work: publish, notice a slip, put
it right, add what is known meanwhile. A wrong word is corrected with a note, a slip of the
hand (published twice, the wrong picture) is withdrawn.
"""

from collections.abc import Iterable, Iterator
from itertools import count, cycle

from msgspec import Struct

from liveblog.demo.seed import BLOG, Content, drawing
from liveblog.demo.strands import PICTURES, STRANDS, Strand

FRAMES = (
    "",
    "Recap: ",
    "In brief: ",
    "Once more: ",
    "For the record: ",
    "Looking back: ",
    "To remember: ",
    "For new readers: ",
    "To sum up: ",
    "Once again: ",
)
"""A lap takes seven minutes, and the strands are told again in the next one. With these in
front the same headline comes back after more than an hour."""

STANDFIRSTS = (
    BLOG["standfirst"],
    "23 July 2025, retold by a demonstration of Liveblog in its own words. The desk is at work:"
    " new updates appear by themselves.",
)


class Publish(Struct, frozen=True):
    """Publish an entry; ``name`` is how later moves call it."""

    name: str
    content: Content


class Revise(Struct, frozen=True):
    """Change an entry."""

    name: str
    patch: Content


class Retract(Struct, frozen=True):
    """Withdraw an entry, with a note for readers."""

    name: str
    note: str


class ReviseBlog(Struct, frozen=True):
    """Change the words of the live page itself."""

    patch: Content


Move = Publish | Revise | Retract | ReviseBlog


def moves(strands: Iterable[Strand] = STRANDS) -> Iterator[Move]:
    """Everything the desk does; it never ends."""
    strands = tuple(strands)
    standfirsts = cycle(reversed(STANDFIRSTS))
    for lap in count():
        frame = FRAMES[lap % len(FRAMES)]
        for number, strand in enumerate(strands):
            yield from moves_of(strand, f"{lap}.{number}", frame)
            if number % 7 == 3:
                yield ReviseBlog({"standfirst": next(standfirsts)})
            if number % 5 == 1:
                yield Revise(f"{lap}.{number}", {"pinned": True})
            if number % 5 == 4:
                yield Revise(f"{lap}.{number - 3}", {"pinned": False})


def moves_of(strand: Strand, name: str, frame: str = "") -> Iterator[Move]:
    """One strand from its first words to its last."""
    body = strand.body
    for first, right in _slips_of_words(strand):
        body = body.replace(right, first)
    content: Content = {"headline": frame + strand.headline, "body": body}
    if strand.picture:
        content |= {"kind": "image", "media": [_picture(strand.picture)]}
    yield from _published(strand, name, content)
    if strand.typo:
        body = body.replace(*strand.typo)
        yield Revise(name, {"body": body, "edit": {"kind": "typo"}})
    if strand.wrong:
        first, right, note = strand.wrong
        body = body.replace(first, right)
        yield Revise(name, {"body": body, "edit": {"kind": "correction", "note": note}})
    if strand.more:
        more = f"{body}\n\n{strand.more}"
        yield Revise(name, {"body": more, "edit": {"kind": "update"}})


def _published(strand: Strand, name: str, content: Content) -> Iterator[Move]:
    """The publication, with the slip of the hand where there is one."""
    if strand.slip == "wrong picture":
        other = next(p for p in PICTURES if p != strand.picture)
        yield Publish(f"{name} slip", content | {"kind": "image", "media": [_picture(other)]})
        note = "The wrong picture was attached. The entry follows with the right one."
        yield Retract(f"{name} slip", note)
    yield Publish(name, content)
    if strand.slip == "doubled":
        yield Publish(f"{name} slip", content)
        yield Retract(f"{name} slip", "Published twice by mistake. The first one stands.")


def _slips_of_words(strand: Strand) -> Iterator[tuple[str, str]]:
    """What is first written, and what shall stand in the end."""
    if strand.wrong:
        yield strand.wrong[:2]
    if strand.typo:
        yield strand.typo


def _picture(name: str) -> Content:
    return drawing(name, PICTURES[name], "A drawing, not a photograph.")
