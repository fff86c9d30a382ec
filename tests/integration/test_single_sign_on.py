"""Single sign-on, against a provider that runs beside the server."""

import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest

from liveblog.cli.keeping import _check_oidc
from liveblog.config import Settings
from liveblog.errors import ConfigError, LiveblogError
from liveblog.web.auth import COOKIE
from liveblog.web.single import BACK, PATH
from liveblog.web.single import COOKIE as ASKED
from tests.kit import SLUG
from tests.people import OURS, person
from tests.provider import CLIENT, SECRET, Provider, below, providing
from tests.served import Served, serving

SESSION = "/api/v1/session"


class Desk:
    """A server, its provider, and a browser's way between the two."""

    def __init__(self, served: Served, provider: Provider) -> None:
        self.served = served
        self.provider = provider

    async def begin(self) -> str:
        """Go to the provider and be sent back; the address to which."""
        begun = await self.served.http.get(PATH)
        assert begun.status_code == 303, begun.text
        async with httpx2.AsyncClient() as http:
            back = (await http.get(begun.headers["location"])).headers["location"]
        assert back.startswith("http://news.example/studio/sign-in/oidc/back?")
        return below(back)

    async def come(self) -> httpx2.Response:
        """The whole way."""
        return await self.served.http.get(await self.begin())


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """See above."""
    async with providing() as provider:
        options: dict[str, Any] = {
            "public_url": "http://news.example",
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
        }
        async with serving(tmp_path, **options) as served:
            await served.blog()
            yield Desk(served, provider)


async def who(desk: Desk) -> dict[str, Any]:
    """Who has signed in."""
    answer = await desk.served.http.get(SESSION, headers=OURS)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_who_works_here_comes_in(desk: Desk) -> None:
    ada = await person(desk.served.actions, "editor", SLUG, email="ada@news.example")
    ways = (await desk.served.http.get("/api/v1/sign-in")).json()
    assert ways == {"password": True, "oidc": PATH}
    came = await desk.come()
    assert (came.status_code, came.headers["location"]) == (303, "http://news.example/studio")
    assert came.headers["cache-control"] == "no-store"
    assert came.headers["referrer-policy"] == "no-referrer"
    told = await who(desk)
    assert (told["person"]["id"], told["person"]["name"]) == (ada.id, "Ada")
    assert desk.served.http.cookies.get(ASKED) is None, "it is used up"


async def test_who_is_invited_comes_in_with_every_role_they_were_given(desk: Desk) -> None:
    await desk.served.blog("other")
    chief = await desk.served.token("admin")
    shown = {"Authorization": f"Bearer {chief}"}
    for slug, role in ((SLUG, "editor"), ("other", "contributor")):
        body = {"email": "ada@news.example", "role": role, "blog": slug}
        made = await desk.served.http.post("/api/v1/invitations", json=body, headers=shown)
        assert made.status_code == 201
    assert (await desk.come()).status_code == 303
    told = await who(desk)
    assert told["person"]["name"] == "Ada L."
    assert told["blogs"] == {SLUG: "editor", "other": "contributor"}
    token = made.json()["url"].partition("#")[2]
    body = {"token": token, "name": "Eve", "password": "another long secret"}
    late = await desk.served.http.post("/api/v1/invitations/accept", json=body, headers=OURS)
    assert late.status_code == 404, "the link is used up, too"


async def test_what_somebody_was_invited_to_before_takes_nothing_away(desk: Desk) -> None:
    shown = {"Authorization": f"Bearer {await desk.served.token('admin')}"}
    body = {"email": "ada@news.example", "role": "contributor", "blog": None}
    await desk.served.http.post("/api/v1/invitations", json=body, headers=shown)
    await person(desk.served.actions, "chief", email="ada@news.example")
    assert (await desk.come()).status_code == 303
    assert (await who(desk))["person"]["role"] == "chief"


@pytest.mark.parametrize("disabled", [False, True], ids=["unknown", "disabled"])
async def test_nobody_else_comes_in(desk: Desk, disabled: bool) -> None:
    if disabled:
        await person(desk.served.actions, "chief", email="chief@news.example")
        await person(desk.served.actions, "editor", email="ada@news.example")
        await desk.served.actions.people.disable("ada@news.example")
    refused = await desk.come()
    assert refused.status_code == 403
    assert refused.headers["content-type"].startswith("text/html")
    assert "ada@news.example" in refused.text.lower()
    assert COOKIE not in refused.headers.get("set-cookie", "")
    assert (await desk.served.http.get(SESSION)).status_code == 401


async def test_an_answer_belongs_to_the_browser_that_asked_and_counts_once(desk: Desk) -> None:
    await person(desk.served.actions, "editor", email="ada@news.example")
    address = await desk.begin()
    mistyped = await desk.served.http.get(BACK, params={"state": "é", "code": "1"})
    assert mistyped.status_code == 400
    address = await desk.begin()
    async with httpx2.AsyncClient(base_url=desk.served.url) as other:
        assert (await other.get(address)).status_code == 400, "a link that somebody was sent"
        await other.get(PATH)
        assert (await other.get(address)).status_code == 400
    assert desk.provider.tokens == 0, "the code was shown to nobody"
    assert (await desk.served.http.get(address)).status_code == 303
    assert (await desk.served.http.get(address)).status_code == 400


async def test_a_refusal_of_the_provider_is_told(desk: Desk) -> None:
    state = dict(httpx2.URL(await desk.begin()).params)["state"]
    told = await desk.served.http.get(BACK, params={"state": state, "error": "access_denied"})
    assert told.status_code == 403


def claims_of(**claims: Any) -> Any:
    """Claims that an id token has instead."""
    return lambda provider: provider.claims.update(claims)


def signed_otherwise(provider: Provider) -> None:
    """By a key that is not the provider's."""
    provider.alter = lambda claims: jwt.encode(  # type: ignore[method-assign]
        claims, Provider().key, "ES256", headers={"kid": "k1"}
    )


def signed_with_our_secret(provider: Provider) -> None:
    """By what we know, too."""
    provider.alter = lambda claims: jwt.encode(  # type: ignore[method-assign]
        claims, SECRET.ljust(40), "HS256", headers={"kid": "k1"}
    )


def not_signed(provider: Provider) -> None:
    """By nobody."""
    provider.alter = lambda claims: jwt.encode(  # type: ignore[method-assign]
        claims, "", "none", headers={"kid": "k1"}
    )


def signed_with_an_old_key(provider: Provider) -> None:
    """By one that it does not name any more."""
    provider.alter = lambda claims: jwt.encode(  # type: ignore[method-assign]
        claims, provider.key, "ES256", headers={"kid": "k0"}
    )


UNSOUND = [
    claims_of(iss="https://evil.example"),
    claims_of(aud="another"),
    claims_of(aud=[CLIENT, "another"]),
    claims_of(azp="another"),
    claims_of(exp=int(time.time()) - 120),
    claims_of(nonce="another"),
    claims_of(nonce=7),
    claims_of(email_verified=False),
    claims_of(email_verified="no"),
    claims_of(email=""),
    signed_otherwise,
    signed_with_our_secret,
    not_signed,
    signed_with_an_old_key,
]


@pytest.mark.parametrize("spoil", UNSOUND, ids=range(len(UNSOUND)))
async def test_what_cannot_be_believed_is_not(
    desk: Desk, spoil: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await person(desk.served.actions, "chief", email="ada@news.example")
    address = await desk.begin()
    spoil(desk.provider)
    caplog.set_level(logging.WARNING)
    refused = await desk.served.http.get(address)
    assert refused.status_code == 503
    assert COOKIE not in refused.headers.get("set-cookie", "")
    assert "single sign-on failed" in caplog.text
    assert desk.provider.tokens == 1, "the provider did say something"


async def test_some_providers_write_true_as_a_text(desk: Desk) -> None:
    await person(desk.served.actions, "chief", email="ada@news.example")
    desk.provider.claims["email_verified"] = "true"
    assert (await desk.come()).status_code == 303


async def test_a_provider_that_is_away_or_another_is_told(desk: Desk) -> None:
    settings = Settings(oidc_issuer=desk.provider.issuer, public_url="http://news.example")
    assert await _check_oidc(settings) == "the provider answers"
    desk.provider.document = {"issuer": "https://evil.example"}
    assert (await desk.served.http.get(PATH)).status_code == 503
    with pytest.raises(LiveblogError, match="evil"):
        await _check_oidc(settings)
    desk.provider.status = 500
    refused = await desk.served.http.get(PATH)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    desk.provider.status, desk.provider.document = 200, {"filler": "x" * 2**20}
    assert (await desk.served.http.get(PATH)).status_code == 503


async def test_requests_are_throttled(desk: Desk) -> None:
    answers = [(await desk.served.http.get(BACK)).status_code for _ in range(25)]
    assert answers[:20] == [400] * 20
    assert 429 in answers


async def test_without_a_provider_there_is_no_such_address(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        assert (await served.http.get(PATH)).status_code == 404
        assert (await served.http.get("/api/v1/sign-in")).json() == {
            "password": True,
            "oidc": None,
        }


def test_settings_that_belong_together() -> None:
    some = {"LIVEBLOG_OIDC_ISSUER": "https://login.news.example"}
    with pytest.raises(ConfigError, match="belong together"):
        Settings.from_env(some)
    whole = some | {"LIVEBLOG_OIDC_CLIENT_ID": "a", "LIVEBLOG_OIDC_CLIENT_SECRET": "b"}
    with pytest.raises(ConfigError, match="LIVEBLOG_PUBLIC_URL"):
        Settings.from_env(whole)
    whole["LIVEBLOG_PUBLIC_URL"] = "https://news.example"
    assert Settings.from_env(whole).oidc_issuer == "https://login.news.example"
    for wrong in ("http://login.news.example", "login.news.example", "https://a.example/?x"):
        with pytest.raises(ConfigError, match="LIVEBLOG_OIDC_ISSUER"):
            Settings.from_env(whole | {"LIVEBLOG_OIDC_ISSUER": wrong})
