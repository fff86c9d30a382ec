"""What a newsroom keeps beside its blog."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from liveblog.model.entry import Byline
from liveblog.store.columns import WORD, Json, Moment
from liveblog.store.tables import metadata
from liveblog.store.tables.blogs import blogs

desks = Table(
    "desks",
    metadata,
    Column("blog_id", WORD, ForeignKey(blogs.c.id), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("hand_over", Text, nullable=False),
    Column("by", WORD, nullable=False),
    Column("at", Moment),
    Column("duty", Json(tuple[Byline, ...]), nullable=False),
)
