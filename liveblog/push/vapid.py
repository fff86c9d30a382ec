"""Who sends: our key, and a token for each push service (RFC 8292).

A browser subscribes with the public key, so that its push service takes messages from us alone.
"""

import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from liveblog.config import Settings
from liveblog.errors import ConfigError

from .encryption import CURVE, decode64, encode64, point_of

LIFE = 12 * 3600
"""Seconds; a token may live for a day at most, and clocks differ."""
KNOWN = 100
"""Push services whose token is kept; there are a handful in the world."""


class Vapid:
    """Our key.

    :param private: 32 bytes in base64url, as every tool for web push writes it.
    :param contact: whom a push service may write to: ``mailto:…`` or ``https:…``.
    :raises ValueError: the key is none.
    """

    def __init__(self, private: str, contact: str, clock: Callable[[], float] = time.time) -> None:
        scalar = decode64(private)
        if len(scalar) != 32:
            raise ValueError("a private key has 32 bytes")
        self._key = ec.derive_private_key(int.from_bytes(scalar, "big"), CURVE)
        self._contact = contact
        self._clock = clock
        self._tokens: dict[str, tuple[float, str]] = {}
        self.public = encode64(point_of(self._key))
        """The key as browsers are given it."""

    def authorization(self, endpoint: str) -> str:
        """The header that goes with a message to this endpoint."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        made, token = self._tokens.get(audience, (0.0, ""))
        if self._clock() > made + LIFE / 2:
            if len(self._tokens) >= KNOWN:
                self._tokens.clear()
            token = self._sign(audience)
            self._tokens[audience] = (self._clock(), token)
        return f"vapid t={token}, k={self.public}"

    def _sign(self, audience: str) -> str:
        """A JSON Web Token (RFC 7519), signed by ES256."""
        claims = {"aud": audience, "exp": int(self._clock()) + LIFE, "sub": self._contact}
        parts = ({"typ": "JWT", "alg": "ES256"}, claims)
        text = ".".join(encode64(json.dumps(part).encode()) for part in parts)
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{encode64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def vapid_of(settings: Settings) -> Vapid:
    """Our key, as the settings have it.

    :raises ConfigError: there is none, or it is none.
    """
    try:
        return Vapid(settings.vapid_key(), settings.push_contact)
    except ValueError as error:
        raise ConfigError(
            f"The key of web push (LIVEBLOG_PUSH_KEY) is not sound: {error}."
        ) from None
