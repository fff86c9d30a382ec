"""The authorisation table: what each address needs, and what that is answered to whom.

Each row is an address. What it answers to each group of askers (world.py) follows from what it
needs, and is written down for every visibility; ``ok`` is what it answers to those who may. A
write that may be done is asked for in a way that is refused one step later (no If-Match, a field
that is wrong), so that no cell changes another.
"""

from typing import Any, NamedTuple

from tests.integration.authorisation.world import GROUPS
from tests.push import Browser

ZERO = "0" * 26
PUBLIC = "http://live.example"
PUSH = {"push_contact": "mailto:a@b.example", "push_key": "Q" * 43, "push_hosts": ("push.example",)}
BLOG = "/api/v1/blogs/{slug}"
ENTRY = BLOG + "/entries/{id}"

#            N    Z    O    R    S    W    A
NEEDS = {
    "read": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "401  403  403  ok   ok   ok   ok",
        "draft": "404  404  404  404  ok   ok   ok",
    },
    "submit": {
        "open": "401  403  403  403  ok   ok   ok",
        "private": "401  403  403  403  ok   ok   ok",
        "draft": "401  404  404  404  ok   ok   ok",
    },
    "write": {
        "open": "401  403  403  403  403  ok   ok",
        "private": "401  403  403  403  403  ok   ok",
        "draft": "401  404  404  404  403  ok   ok",
    },
    # An editor's entry, at the desk: who may only submit sees their own there.
    "edit": {
        "open": "401  403  403  403  404  ok   ok",
        "private": "401  403  403  403  404  ok   ok",
        "draft": "401  404  404  404  404  ok   ok",
    },
    "admin": {
        "open": "401  403  403  403  403  403  ok",
        "private": "401  403  403  403  403  403  ok",
        "draft": "401  404  404  404  403  403  ok",
    },
    # What looks at nobody: it is there for everybody or for nobody.
    "open": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "404  404  404  404  404  404  404",
        "draft": "404  404  404  404  404  404  404",
    },
    "shown": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "401  401  401  401  401  401  401",
        "draft": "404  404  404  404  404  404  404",
    },
    "nothing": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "ok   ok   ok   ok   ok   ok   ok",
        "draft": "ok   ok   ok   ok   ok   ok   ok",
    },
}
"""What each need is answered, by visibility (public and unlisted are alike: open)."""


class Row(NamedTuple):
    """An address, and what it needs.

    :param ok: what those who may are answered: a status, and what stands in the answer.
    :param type: the Content-Type of the request.
    :param strict: whoever may write nowhere is refused (403) before the blog is looked for.
    """

    method: str
    path: str
    needs: str
    ok: str = "200"
    body: Any = None
    strict: bool = False
    type: str = ""

    @property
    def address(self) -> str:
        """As docs/protocol.md writes it."""
        return f"{self.method} {self.path.partition('?')[0]}"


def write(method: str, path: str, needs: str, ok: str, body: Any = None) -> Row:
    """A row of a write in JSON."""
    return Row(method, path, needs, ok, {} if body is None else body, strict=True)


NO_MATCH = "428"
KEYS = Browser("https://push.example/1").keys

ROWS = [
    Row("GET", BLOG, "read"),
    Row("GET", BLOG + "/entries", "read"),
    Row("GET", ENTRY, "read"),
    Row("GET", ENTRY + "/revisions", "read"),
    Row("GET", BLOG + "/days/{date}", "read"),
    Row("GET", BLOG + "/snapshot", "read"),
    Row("GET", BLOG + "/changes?after=abcde:0", "read"),
    Row("GET", BLOG + "/stream", "read"),
    Row("WS", BLOG + "/live", "read"),
    Row("GET", "/blogs/{slug}", "read"),
    Row("GET", "/blogs/{slug}/pages/{n}", "read"),
    Row("GET", "/blogs/{slug}/days/{date}", "read"),
    Row("GET", "/blogs/{slug}/key", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}/page", "read", "302"),
    Row("GET", "/blogs/{slug}/entries/{id}/history", "read"),
    Row("GET", "/blogs/{slug}/feed.atom", "read"),
    Row("GET", "/blogs/{slug}/feed.rss", "read"),
    Row("GET", "/blogs/{slug}/feed.json", "read"),
    Row("GET", "/embed/{slug}", "read"),
    Row("GET", "/oembed?url=" + PUBLIC + "/blogs/{slug}", "shown"),
    Row(
        "PUT",
        BLOG + "/push",
        "open",
        body={
            "endpoint": "https://push.example/1",
            "keys": {"p256dh": KEYS.p256dh, "auth": KEYS.auth},
        },
    ),
    Row("DELETE", BLOG + "/push/{zero}", "nothing", "204"),
    write("PATCH", BLOG, "write", NO_MATCH),
    write("POST", BLOG + "/entries", "write", "422 body"),
    write("PATCH", ENTRY, "write", NO_MATCH),
    write("DELETE", ENTRY, "write", NO_MATCH),
    write("POST", ENTRY + "/retract", "write", NO_MATCH),
    write("POST", ENTRY + "/restore", "write", NO_MATCH),
    write("PATCH", ENTRY + "/revisions/{n}", "write", "404 no such revision"),
    write("PATCH", BLOG + "/days/{date}", "write", NO_MATCH),
    Row("GET", BLOG + "/desk", "submit"),
    write("PATCH", BLOG + "/desk", "write", NO_MATCH),
    Row("GET", BLOG + "/desk/authors", "submit"),
    Row("GET", BLOG + "/desk/entries", "submit"),
    Row("GET", BLOG + "/desk/entries/{id}", "edit"),
    Row("GET", BLOG + "/desk/entries/{id}/revisions", "edit"),
    write(
        "POST",
        BLOG + "/desk/bulk",
        "submit",
        "200 There is no entry of this id.",
        {"action": "retract", "entries": [{"id": ZERO, "revision": 1}]},
    ),
    write("POST", BLOG + "/desk/preview", "submit", "200", {"body": "x"}),
    write("POST", BLOG + "/embeds", "submit", "200 refused", {"url": "https://nowhere.example/"}),
    Row("WS", BLOG + "/desk/live", "submit"),
    Row("GET", BLOG + "/media", "submit"),
    Row("POST", BLOG + "/media", "submit", "415", type="text/plain"),
    Row("GET", BLOG + "/media/{zero}", "submit", "404 no medium"),
    Row("DELETE", BLOG + "/media/{zero}", "submit", "404 no medium"),
    Row("GET", BLOG + "/members", "admin"),
    write("PUT", BLOG + "/members/{zero}", "admin", "404 nobody of this id", {"role": "chief"}),
    write("DELETE", BLOG + "/members/{zero}", "admin", "404 Nobody of this id"),
    Row("GET", "/api/v1/invitations?blog={slug}", "admin"),
]
MORE = [
    # The same address where it needs something else.
    write("POST", BLOG + "/entries", "submit", "422 body", {"state": "draft"}),
    write("POST", BLOG + "/entries", "write", "422 body", {"state": "scheduled"}),
    Row("GET", BLOG + "/entries?key=true&day={date}", "read"),
    Row("GET", BLOG + "/snapshot?view=page", "read"),
    Row("GET", "/blogs/{slug}?order=oldest", "read"),
    Row("GET", "/embed/{slug}?show=latest", "read"),
]
ELSEWHERE = {
    # For the whole house, or nobody's in particular: in other tests of this file, or theirs.
    "GET /api/v1/blogs": "test_the_list_of_blogs",
    "POST /api/v1/blogs": "test_what_belongs_to_the_house",
    "GET /api/v1/people": "test_what_belongs_to_the_house",
    "PATCH /api/v1/people/{person_id}": "test_what_belongs_to_the_house",
    "POST /api/v1/invitations": "test_what_belongs_to_the_house",
    "DELETE /api/v1/invitations/{invitation_id}": "test_who_withdraws_an_invitation",
    "GET /media/{id}/{file}": "tests/integration/test_media.py",
    "GET /sitemaps/{slug}/{n}.xml": "test_nothing_of_it_is_told",
    "POST /api/v1/session": "tests/integration/test_session.py",
    "GET /api/v1/session": "tests/integration/test_session.py",
    "DELETE /api/v1/session": "tests/integration/test_session.py",
    "GET /api/v1/sign-in": "for everybody",
    "POST /api/v1/invitations/show": "tests/integration/people/test_invitations.py",
    "POST /api/v1/invitations/accept": "tests/integration/people/test_invitations.py",
    "GET /studio/sign-in/oidc": "tests/integration/test_single_sign_on.py",
    "GET /studio/sign-in/oidc/back": "tests/integration/test_single_sign_on.py",
    **dict.fromkeys(
        (
            *("GET /", "GET /api/v1/feed", "GET /robots.txt", "GET /sitemap.xml"),
            *("GET /sitemap-news.xml", "GET /embed/v1.js", "GET /sw.js", "GET /healthz"),
            *("GET /readyz", "GET /static/{build}/{name}", "GET /studio", "GET /studio/join"),
            "GET /studio/{slug}",
        ),
        "for everybody; what stands in it: test_nothing_of_it_is_told",
    ),
}
"""Where every other address is looked at."""


def expected(row: Row, group: str, visibility: str) -> str:
    """The cell."""
    kind = "open" if visibility in ("public", "unlisted") else visibility
    cell = NEEDS[row.needs][kind].split()[list(GROUPS).index(group)]
    if row.strict and group in "ZR" and cell != "ok":
        return "403"
    return row.ok if cell == "ok" else cell
