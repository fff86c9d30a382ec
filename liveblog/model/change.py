"""A change: one numbered public step of a blog, carrying its subject as it is now."""

from datetime import datetime

from msgspec import Struct

from liveblog.model.blog import Blog
from liveblog.model.day import Day
from liveblog.model.entry import ChangeType, Entry
from liveblog.types import Seq, Subject


class Change(Struct, frozen=True):
    """What happened to one subject; ``value`` is the whole subject after it."""

    seq: Seq
    type: ChangeType
    at: datetime
    value: Entry | Day | Blog

    @property
    def subject(self) -> Subject:
        """What it is about; two changes of one subject have the same."""
        return subject_of(self.value)


def subject_of(value: Entry | Day | Blog) -> Subject:
    """The name of a subject in the log: ``entry:ID``, ``day:DATE`` or ``blog``."""
    if isinstance(value, Entry):
        return Subject(f"entry:{value.id}")
    if isinstance(value, Day):
        return Subject(f"day:{value.date.isoformat()}")
    return Subject("blog")
