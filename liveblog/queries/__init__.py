"""The one door for reading: everything is read in one moment and given as views.

reading.py  a blog: snapshot, pages, days, entries
history.py  what an entry said before
story.py    a whole story: key developments, days
front.py    the news feed over all public blogs
places.py   where a list goes on
sitemaps.py what search engines may know of
"""

from liveblog.queries.front import FrontItem, FrontPage, front_page
from liveblog.queries.history import RevisionView
from liveblog.queries.reading import (
    PAGE,
    EntryList,
    EntryPage,
    HistoryPage,
    LivePage,
    OlderPage,
    Queries,
    page_of,
)
from liveblog.queries.story import NEWEST, DayPage, KeyPage, Start

__all__ = [
    "NEWEST",
    "PAGE",
    "DayPage",
    "EntryList",
    "EntryPage",
    "FrontItem",
    "FrontPage",
    "HistoryPage",
    "KeyPage",
    "LivePage",
    "OlderPage",
    "Queries",
    "RevisionView",
    "Start",
    "front_page",
    "page_of",
]
