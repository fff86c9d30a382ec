"""A message for one browser only: RFC 8291, the coding ``aes128gcm`` of RFC 8188, one record.

The push service that carries it learns its length and nothing else.
"""

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

CURVE = ec.SECP256R1()
RECORD = 4096
"""The size every push service must take (RFC 8030, section 7.2)."""
LONGEST = RECORD - 16 - 4 - 1 - 65 - 16 - 1
"""Bytes of a message: the record without its head, the tag and the end mark."""


class Keys(Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser gives: its public key and its secret, in base64url.

    :raises ValueError: they are not such (when read).
    """

    p256dh: str
    auth: str

    @property
    def point(self) -> bytes:
        """The public key as a point of the curve."""
        point = decode64(self.p256dh)
        if len(point) != 65:
            raise ValueError("p256dh is no uncompressed point")
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        return point

    @property
    def secret(self) -> bytes:
        """The secret."""
        secret = decode64(self.auth)
        if len(secret) != 16:
            raise ValueError("auth has 16 bytes")
        return secret


def encrypt(
    message: bytes,
    keys: Keys,
    *,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a push message.

    :param salt, own: 16 bytes, and the key of this message: both are made anew each time; only
        the example of the RFC has given ones.
    :raises ValueError: the keys are none, or the message is too long.
    """
    if len(message) > LONGEST:
        raise ValueError(f"A push message has at most {LONGEST} bytes.")
    salt = salt or os.urandom(16)
    own = own or ec.generate_private_key(CURVE)
    theirs, ours = keys.point, point_of(own)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    secret = _derive(32, keys.secret, b"WebPush: info\0" + theirs + ours, shared)
    key = _derive(16, salt, b"Content-Encoding: aes128gcm\0", secret)
    nonce = _derive(12, salt, b"Content-Encoding: nonce\0", secret)
    head = salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, message + b"\x02", None)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half of a key."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(length: int, salt: bytes, info: bytes, secret: bytes) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def encode64(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode64(text: str) -> bytes:
    """Back, with or without padding.

    :raises ValueError: it is none.
    """
    plain = text.rstrip("=")
    try:
        data = urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        raise ValueError("it is no base64url") from None
    if encode64(data) != plain:
        raise ValueError("it is no base64url")  # the decoder passes over what is none
    return data
