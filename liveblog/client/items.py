"""What a follower is handed, and the memory that keeps it from being handed twice."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from liveblog.wire.follower import newer


class Change(Struct, frozen=True):
    """One subject (an entry, a day, the blog) as it is now, and what happened to it.

    ``type`` may be one that nobody has thought of yet. ``cursor`` is what to give to
    ``follow`` to go on after this item. Several changes may arrive in one message, and only
    the last of them moves the cursor on: a restart in between brings a few of them again
    rather than none of them.
    """

    type: str
    seq: int
    at: str
    subject: dict[str, Any]
    cursor: str


class Resync(Struct, frozen=True):
    """The whole blog at one moment; it replaces everything known before."""

    snapshot: dict[str, Any]
    cursor: str


Item = Change | Resync


class Seen:
    """The newest revision handed over of each subject.

    Bounded, because a service may follow for months: a subject that was not touched for
    ``most`` others is forgotten, and what is forgotten could at worst be handed over again.
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._revisions: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def restart(self, snapshot: dict[str, Any]) -> None:
        """Forget all (another history may count revisions anew) but what the snapshot shows."""
        self._revisions.clear()
        entries = [*snapshot.get("entries", ()), snapshot.get("pinned")]
        for noun, subject in [
            ("blog", snapshot.get("blog")),
            ("day", snapshot.get("day")),
            *(("entry", entry) for entry in entries),
        ]:
            if isinstance(subject, dict):
                self.admit(noun, subject)

    def admit(self, noun: str, subject: dict[str, Any]) -> bool:
        """Whether this is news; it is remembered if so.

        A subject without a name or a revision cannot be compared, so it always is.
        """
        name = subject.get("id") or subject.get("date") or ("" if noun == "blog" else None)
        if name is None or not isinstance(subject.get("revision"), int):
            return True
        known = f"{noun}:{name}"
        if not newer(self._revisions.get(known), subject):
            return False
        self._revisions[known] = {"revision": subject["revision"]}
        self._revisions.move_to_end(known)
        if len(self._revisions) > self._most:
            self._revisions.popitem(last=False)
        return True


def subject_of(change: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What a change is about: its noun and the subject.

    The subject stands under the first half of the type (``entry`` of ``entry.published``);
    in a change of an unknown type it may stand elsewhere, or be missing.
    """
    noun = str(change.get("type", "")).partition(".")[0]
    subject = change.get(noun)
    if isinstance(subject, dict):
        return noun, subject
    others = ((key, value) for key, value in change.items() if isinstance(value, dict))
    return next(others, (noun, {}))


def items_of(
    changes: tuple[dict[str, Any], ...], before: str | None, after: str, seen: Seen
) -> Iterator[Change]:
    """The changes of one message that are news, each with the cursor to go on from."""
    news = [change for change in changes if seen.admit(*subject_of(change))]
    for number, change in enumerate(news, start=1):
        yield Change(
            type=str(change.get("type", "")),
            seq=change.get("seq", 0),
            at=change.get("at", ""),
            subject=subject_of(change)[1],
            cursor=after if number == len(news) or before is None else before,
        )
