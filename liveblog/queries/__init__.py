"""The one door for reading: everything is read in one moment and given as views.

reading.py  a blog: snapshot, pages, days, entries, history
story.py    a whole story: key developments, days
front.py    the news feed over all public blogs
places.py   where a list goes on
"""

from liveblog.queries.front import FrontItem, FrontPage, front_page
from liveblog.queries.reading import (
    PAGE,
    EntryList,
    EntryPage,
    LivePage,
    OlderPage,
    Queries,
    RevisionView,
    page_of,
)
from liveblog.queries.story import DayPage, KeyPage, Start

__all__ = [
    "PAGE",
    "DayPage",
    "EntryList",
    "EntryPage",
    "FrontItem",
    "FrontPage",
    "KeyPage",
    "LivePage",
    "OlderPage",
    "Queries",
    "RevisionView",
    "Start",
    "front_page",
    "page_of",
]
