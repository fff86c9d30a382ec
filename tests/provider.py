"""An OpenID Connect provider that the test runs, on a real socket: it signs in whoever the test
says, and checks what it is asked as a provider does."""

import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.integration.webkit import serving

CLIENT = "liveblog"
SECRET = "the client's own secret: / and ?"


class Provider:
    """See the module. ``claims`` are added to each id token, ``alter`` may change it at will."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.kid = "k1"
        self.claims: dict[str, Any] = {
            "email": "Ada@news.example",
            "email_verified": True,
            "name": "Ada L.",
        }
        self.document: dict[str, Any] = {}
        self.status = 200
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens = 0

    def alter(self, claims: dict[str, Any]) -> str:
        """The id token of these claims."""
        return jwt.encode(claims, self.key, "ES256", headers={"kid": self.kid})

    def app(self) -> Starlette:
        """Its addresses."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def discovery(self, _: Request) -> Response:
        """What it says of itself."""
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
        told = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        told |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        return JSONResponse(told | self.document, self.status)

    async def authorize(self, request: Request) -> Response:
        """Signs in, and sends the browser back."""
        asked = dict(request.query_params)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    async def token(self, request: Request) -> Response:
        """Gives an id token for a code, once."""
        given = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(given["code"], None)
        scheme, _, credentials = request.headers["authorization"].partition(" ")
        assert scheme == "Basic"
        who = base64.b64decode(credentials).decode()
        verifier = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        sound = (
            asked is not None
            and who == f"{CLIENT}:the%20client%27s%20own%20secret%3A%20%2F%20and%20%3F"
            and challenge == asked["code_challenge"]
            and given["redirect_uri"] == asked["redirect_uri"]
        )
        if not sound or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens += 1
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        token = self.alter(claims | self.claims)
        return JSONResponse({"id_token": token, "access_token": "x", "token_type": "Bearer"})

    async def keys(self, _: Request) -> Response:
        """The public half of its key."""
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [public | {"kid": self.kid, "use": "sig", "alg": "ES256"}]})


@asynccontextmanager
async def providing() -> AsyncIterator[Provider]:
    """Runs one."""
    provider = Provider()
    async with serving(provider.app()) as (host, port):
        provider.issuer = f"http://{host}:{port}"
        yield provider


def below(url: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
