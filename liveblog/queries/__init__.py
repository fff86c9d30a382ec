"""The one door for reading: everything is read in one moment and given as views.

reading.py  a blog: snapshot, pages, days, entries, history
front.py    the news feed over all public blogs
"""

from liveblog.queries.front import FrontItem, FrontPage, front_page
from liveblog.queries.reading import (
    PAGE,
    DayPage,
    EntryList,
    EntryPage,
    LivePage,
    OlderPage,
    Queries,
    RevisionView,
    page_of,
)

__all__ = [
    "PAGE",
    "DayPage",
    "EntryList",
    "EntryPage",
    "FrontItem",
    "FrontPage",
    "LivePage",
    "OlderPage",
    "Queries",
    "RevisionView",
    "front_page",
    "page_of",
]
