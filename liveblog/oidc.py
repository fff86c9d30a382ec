"""OpenID Connect: asking the newsroom's own provider who somebody is (OpenID Connect Core 1.0,
the authorization code flow, with PKCE of RFC 7636).

Everything that ties an answer of the provider to the browser that asked follows from one random
secret, which only that browser holds: ``state`` (no other browser can be made to take the
answer), ``nonce`` (the id token was made for it) and the verifier of PKCE (the code is of no use
to whoever reads it on its way). What the provider says of itself, and its keys, are read anew
for each sign-in, which are few: so a key may be changed at any time.
"""

import asyncio
import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx2
import jwt
import msgspec
from msgspec import Struct

from liveblog.config import Settings
from liveblog.errors import LiveblogError

TIMEOUT = 10.0
"""Seconds for everything that the provider is asked at one step."""
LARGEST = 1024 * 1024
"""Bytes of an answer."""
LEEWAY = 60
"""Seconds by which our clocks may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a key that only the provider has; nothing that a secret of ours could make."""

T = TypeVar("T")


class OidcFailed(LiveblogError):
    """The provider cannot be asked, or said what cannot be believed."""


class Provider(Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Identity(Struct, frozen=True):
    """Whom the provider knows, by an address that it has verified."""

    email: str
    name: str


class _Answer(Struct, frozen=True):
    id_token: str


class _Claims(Struct, frozen=True):
    """What an id token says, once its signature, issuer, audience and times are checked."""

    aud: str | list[str]
    nonce: str = ""
    azp: str = ""
    email: str = ""
    email_verified: bool | str = False
    name: str = ""


class Oidc:
    """One provider.

    :param redirect: where it sends the browser back to, a whole address of ours.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect: str) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect = redirect
        # Made once: it reads all certificates that are trusted here.
        self._trust = httpx2.create_ssl_context()

    async def discover(self) -> Provider:
        """What the provider says of itself.

        :raises OidcFailed: it cannot be reached, or names another issuer.
        """
        address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        provider = _read(await self._ask("GET", address), Provider)
        if provider.issuer != self._issuer:
            raise OidcFailed(f"the provider calls itself {provider.issuer!r}")
        return provider

    async def begin(self, secret: str) -> str:
        """Where to send the browser.

        :param secret: random, and known to this browser only.
        :raises OidcFailed: as for :meth:`discover`.
        """
        provider = await self.discover()
        verifier = derived(secret, "verifier").encode()
        challenge = urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect,
            "scope": "openid email profile",
            "state": derived(secret, "state"),
            "nonce": derived(secret, "nonce"),
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in provider.authorization_endpoint else "?"
        return f"{provider.authorization_endpoint}{joint}{urlencode(asked)}"

    def is_answer(self, secret: str, state: str) -> bool:
        """Whether this browser asked for what it comes back with."""
        return hmac.compare_digest(derived(secret, "state").encode(), state.encode())

    async def identify(self, secret: str, code: str) -> Identity:
        """Who came back with this code.

        :raises OidcFailed: the provider does not say, or what it says is not for us, not signed
            by it, too old, or without a verified e-mail address.
        """
        provider = await self.discover()
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": derived(secret, "verifier"),
        }
        # Both are percent-encoded first (RFC 6749 section 2.3.1).
        who = (quote(self._client_id, safe=""), quote(self._client_secret, safe=""))
        answer = await self._ask("POST", provider.token_endpoint, data=given, auth=who)
        keys = await self._ask("GET", provider.jwks_uri)
        return self._believed(_read(answer, _Answer).id_token, keys, derived(secret, "nonce"))

    def _believed(self, token: str, keys: bytes, nonce: str) -> Identity:
        try:
            found = jwt.decode(
                token,
                _key_of(token, keys),
                algorithms=ALGORITHMS,
                audience=self._client_id,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
            claims = msgspec.convert(found, _Claims)
        except (jwt.PyJWTError, msgspec.ValidationError, ValueError) as error:
            raise OidcFailed(f"its id token is not sound: {error}") from None
        if not hmac.compare_digest(claims.nonce.encode(), nonce.encode()):
            raise OidcFailed("its id token was made for another sign-in")
        several = isinstance(claims.aud, list) and len(claims.aud) > 1
        if (several or claims.azp) and claims.azp != self._client_id:
            raise OidcFailed("its id token was made for another client")
        # Some providers write it as a text.
        if not claims.email or claims.email_verified not in (True, "true"):
            raise OidcFailed("it has not verified an e-mail address of yours")
        return Identity(claims.email, claims.name.strip()[:100] or claims.email)

    async def _ask(self, method: str, url: str, **more: Any) -> bytes:
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._body(method, url, **more)
        except TimeoutError:
            raise OidcFailed(f"no answer within {TIMEOUT:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise OidcFailed(f"{type(error).__name__}: {error}") from None

    async def _body(self, method: str, url: str, **more: Any) -> bytes:
        body = b""
        async with (
            httpx2.AsyncClient(verify=self._trust, timeout=None, trust_env=False) as http,
            http.stream(method, url, headers={"Accept": "application/json"}, **more) as answer,
        ):
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > LARGEST:
                    raise OidcFailed("its answer is too long")
        if answer.status_code != 200:
            raise OidcFailed(f"it answered {answer.status_code}")
        return body


def oidc_of(settings: Settings, back: str) -> Oidc | None:
    """The provider of the settings; None without one.

    :param back: the path to which it sends the browser back.
    """
    if not settings.oidc_issuer:
        return None
    return Oidc(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.links_base + back,
    )


def derived(secret: str, what: str) -> str:
    """A text that follows from the secret, and from which nobody finds it."""
    return hmac.new(secret.encode(), what.encode(), hashlib.sha256).hexdigest()


def _key_of(token: str, keys: bytes) -> jwt.PyJWK:
    """The key that a token says it is signed with; where it says nothing, the only one."""
    known = jwt.PyJWKSet.from_json(keys.decode()).keys
    named = jwt.get_unverified_header(token).get("kid")
    fitting = [key for key in known if named is None or key.key_id == named]
    if len(fitting) != 1:
        raise OidcFailed("its id token is signed with none of its keys")
    return fitting[0]


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OidcFailed(f"its answer cannot be read: {error}") from None
