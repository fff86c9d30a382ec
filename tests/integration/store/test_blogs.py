"""Blogs and tokens."""

import pytest
from msgspec.structs import replace

from liveblog.errors import Conflict, LiveblogError
from liveblog.model.permissions import Token
from liveblog.store.contract import Head, Store
from liveblog.types import BlogId, Epoch, Seq, Slug
from tests.integration.store.samples import BLOG, NOON, SLUG, add, at, blog, each, full_blog


async def test_a_blog_comes_back_whole_by_every_way(store: Store) -> None:
    whole = full_blog()
    await store.write(add(whole, blog("other", "other")))
    assert await store.read(lambda tx: tx.blog(SLUG)) == whole
    assert await store.read(lambda tx: tx.blog_by_id(BLOG)) == whole
    assert await store.write(lambda tx: tx.lock_blog(SLUG)) == whole


async def test_a_blog_that_is_not_there_is_none(store: Store) -> None:
    assert await store.read(lambda tx: tx.blog(Slug("no"))) is None
    assert await store.read(lambda tx: tx.blog_by_id(BlogId("no"))) is None
    assert await store.write(lambda tx: tx.lock_blog(Slug("no"))) is None


async def test_a_taken_slug_is_a_conflict_and_changes_nothing(store: Store) -> None:
    await store.write(add(blog()))
    with pytest.raises(Conflict, match="final"):
        await store.write(add(blog("b2", "new"), blog("b3", "final")))
    assert await store.read(lambda tx: tx.blog(Slug("new"))) is None


async def test_save_blog_replaces_every_column_of_this_row_only(store: Store) -> None:
    other = blog("other", "other")
    await store.write(add(blog(), other))
    await store.write(lambda tx: tx.save_blog(full_blog()))
    assert await store.read(lambda tx: tx.blog(SLUG)) == full_blog()
    assert await store.read(lambda tx: tx.blog(Slug("other"))) == other
    plain = replace(full_blog(), latest_at=None, pinned=None)
    await store.write(lambda tx: tx.save_blog(plain))
    assert await store.read(lambda tx: tx.blog(SLUG)) == plain


async def test_saving_what_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(LiveblogError, match="blogs"):
        await store.write(lambda tx: tx.save_blog(blog()))


async def test_blogs_are_listed_newest_first_by_visibility(store: Store) -> None:
    rows = [blog(f"b{n}", f"s{n}", visibility=v) for n, v in enumerate(("public", "draft") * 3)]
    await store.write(add(*rows))
    page = await store.read(lambda tx: tx.blogs(["public"], limit=2))
    assert page == [rows[4], rows[2]]
    rest = await store.read(lambda tx: tx.blogs(["public"], before=rows[2].id, limit=2))
    assert rest == [rows[0]]
    assert await store.read(lambda tx: tx.blogs(["public", "draft"])) == rows[::-1]
    assert await store.read(lambda tx: tx.blogs([])) == []


async def test_heads_answers_for_those_that_exist(store: Store) -> None:
    await store.write(
        add(blog(head=Seq(5)), blog("b2", "b2", epoch=Epoch("other")), blog("b3", "b3"))
    )
    asked = [BLOG, BlogId("b2"), BlogId("none")]
    found = await store.read(lambda tx: tx.heads(iter(asked)))
    assert found == {BLOG: Head(Epoch("abcde"), Seq(5)), "b2": Head(Epoch("other"), Seq(0))}
    assert await store.read(lambda tx: tx.heads([])) == {}


async def test_tokens(store: Store) -> None:
    first = Token("t9", "Ada", "a" * 64, "write", NOON)
    second = Token("t1", "Bo", "b" * 64, "read", at(1), blog_id=BLOG, revoked_at=at(2))
    await store.write(add(blog()))
    await store.write(each("insert_token", second, first))
    assert await store.read(lambda tx: tx.tokens()) == [first, second]
    assert await store.read(lambda tx: tx.token("t1")) == second
    assert await store.read(lambda tx: tx.token("t2")) is None
    asked = [first.principal, second.principal]
    assert await store.read(lambda tx: tx.standing(asked, NOON)) == {"t9": first.principal}
    assert await store.read(lambda tx: tx.standing([], NOON)) == {}
    revoked = replace(first, revoked_at=at(3), name="Ada L.", scope="admin", blog_id=BLOG)
    await store.write(lambda tx: tx.save_token(revoked))
    assert await store.read(lambda tx: tx.token("t9")) == revoked
    assert await store.read(lambda tx: tx.standing(asked, NOON)) == {}
