"""Times, dates and a few words, as the pages say them.

Everything is said in the zone of the event, named: "14:03 EEST".
"""

from datetime import date, datetime
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from liveblog.web.pages.languages import language
from liveblog.web.pages.said import SAID
from liveblog.wire.messages import BlogView, EntryView, Tombstone


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(moment: datetime, blog: BlogView) -> datetime:
    """The moment on the clocks of the event."""
    return moment.astimezone(_zone(blog.time_zone))


def zone_label(moment: datetime, blog: BlogView) -> str:
    """The zone's short name at that moment: "EEST"; where there is none, "UTC+3"."""
    there = local(moment, blog)
    name = there.tzname() or ""
    if name.isalpha():
        return name
    minutes = int((there.utcoffset() or there - there).total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def clock(moment: datetime, blog: BlogView) -> str:
    """ "14:03 EEST"."""
    return f"{local(moment, blog):%H:%M} {zone_label(moment, blog)}"


def day(moment: datetime, blog: BlogView) -> date:
    """The date of a moment where the event is."""
    return local(moment, blog).date()


def month_day(moment: datetime, blog: BlogView) -> str:
    """ "July 23", in the blog's language."""
    return language(blog.lang).month_day(day(moment, blog))


def machine(moment: datetime) -> str:
    """The moment for ``<time datetime>``, in UTC."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def order_key(entry: EntryView | Tombstone) -> str:
    """What entries are ordered by, as text; ``session.js`` makes the same. Of a tombstone when it
    was removed: it was published before, and whatever comes later stands above it."""
    at = entry.retracted_at if isinstance(entry, Tombstone) else entry.published_at
    return f"{at:%Y-%m-%dT%H:%M:%S.%f} {entry.id}" if at else ""


def duration(seconds: float) -> str:
    """ "2:05"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def status(value: str) -> str:
    """A blog's status as a reader reads it, in English."""
    return SAID.get(value, SAID["live"])


def headline(blog: BlogView) -> str:
    """What stands at the top: the headline, else the title."""
    return blog.headline or blog.title


def href(address: str | None) -> str:
    """The address if a page may lead there, else nothing: no script hides in a link."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme in ("http", "https") and parts.netloc:
        return address
    at_home = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return address if at_home and "\\" not in address else ""


def host(address: str) -> str:
    """Whose page it is: "example.org"."""
    return (urlsplit(address).hostname or "").removeprefix("www.")
