"""The lists of everything, for search engines: blogs, and entries without their words."""

from datetime import timedelta

from liveblog.model.change import Change
from liveblog.store.contract import ListedBlog, ListedEntry, Store
from liveblog.types import BlogId, EntryId, Seq, Slug
from tests.integration.store.samples import BLOG, NOON, add, at, blog, draft, public


async def test_blogs_that_may_be_found(store: Store) -> None:
    changed = public("e1", 1, changed_at=at(7))
    await store.write(
        add(
            blog(visibility="public", head=Seq(1), count=1),
            changed,
            blog("blog2", "empty", visibility="public"),
            blog("blog3", "demo", visibility="public", demo=True),
            *(blog(one, one, visibility=one) for one in ("draft", "unlisted", "private")),
        )
    )
    change = Change(Seq(1), "entry.published", at(7), changed)
    await store.write(lambda tx: tx.append_changes(BLOG, [change], "test"))
    found = await store.read(lambda tx: tx.listed_blogs(10))
    assert found == [ListedBlog(Slug("empty"), 0, None), ListedBlog(Slug("final"), 1, at(7))]
    assert await store.read(lambda tx: tx.listed_blogs(1)) == found[:1]


async def test_entries_in_the_order_of_their_ordinals(store: Store) -> None:
    other = BlogId("other")
    await store.write(
        add(
            blog(),
            blog("other", "other"),
            public("e1", 1, minutes=9),
            public("e2", 2, state="retracted"),
            public("e3", 3, updated_at=at(30)),
            public("e4", 4),
            public("f1", 1, blog_id=other),
            draft("d1"),
        )
    )
    found = await store.read(lambda tx: tx.listed_entries(BLOG, 1, 3))
    assert found == [
        ListedEntry(EntryId("e1"), at(9), None),
        ListedEntry(EntryId("e3"), at(3), NOON + timedelta(minutes=30)),
    ]
    assert await store.read(lambda tx: tx.listed_entries(BLOG, 5, 9)) == []
