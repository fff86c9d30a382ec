"""Web push: what is encrypted, who signs, and where messages may go."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from liveblog.guard import is_public
from liveblog.push import Keys, Vapid, encrypt, of_service
from liveblog.push.encryption import CURVE, LONGEST, decode64, encode64, point_of
from liveblog.push.service import wait_of
from tests.push import Browser, decrypt

HOSTS = ("fcm.googleapis.com", "*.push.apple.com")


def example_key(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decode64(text), "big"), CURVE)


def test_the_example_of_the_standard() -> None:
    """RFC 8291, appendix A."""
    theirs = (
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    )
    assert encode64(
        encrypt(
            b"When I grow up, I want to be a watermelon",
            Keys(theirs, "BTBZMqHH6r4Tts7J_aSIgg"),
            salt=decode64("DGv6ra1nlYgDCS1FRnbzlw"),
            own=example_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        )
    ) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
        "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
        "gSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=LONGEST))
def test_the_browser_reads_what_was_sent(message: bytes) -> None:
    browser = Browser("https://push.example/1")
    body = encrypt(message, browser.keys)
    assert decrypt(body, browser) == message
    assert len(body) <= 4096
    assert encrypt(message, browser.keys) != body, "a key and a salt of its own each time"


def test_a_message_beyond_one_record_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        encrypt(bytes(LONGEST + 1), Browser("https://push.example/1").keys)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", "A" * 22),
        ("A" * 87, "A" * 22),  # not on the curve
        (encode64(b"\x02" + bytes(range(32))), "A" * 22),  # on it, but compressed
        ("B!" * 44, "A" * 22),
        (Browser("").keys.p256dh, "AAAA"),
        (Browser("").keys.p256dh, "A" * 21 + "*"),
    ],
)
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError):
        encrypt(b"", Keys(p256dh, auth))


# Who sends -------------------------------------------------------------------------------


def read_token(header: str, audience: str) -> tuple[dict[str, Any], str]:
    """What the header claims, when its signature is good; and the public key."""
    assert header.startswith("vapid t=")
    token, _, public = header.removeprefix("vapid t=").partition(", k=")
    head, body, signature = token.split(".")
    assert json.loads(decode64(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = decode64(signature)
    assert len(raw) == 64
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode64(public))
    key.verify(encode_dss_signature(r, s), f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
    claims: dict[str, Any] = json.loads(decode64(body))
    assert claims["aud"] == audience
    return claims, public


def test_who_sends_is_signed_and_for_one_service() -> None:
    now = [1_000_000.0]
    vapid = Vapid(encode64(bytes(31) + b"\x07"), "mailto:a@news.example", lambda: now[0])
    header = vapid.authorization("https://push.example/abc?d=1")
    claims, public = read_token(header, "https://push.example")
    assert claims == {
        "aud": "https://push.example",
        "sub": "mailto:a@news.example",
        "exp": 1_000_000 + 12 * 3600,
    }
    assert public == vapid.public == encode64(point_of(ec.derive_private_key(7, CURVE)))
    assert vapid.authorization("https://push.example/other") == header, "signed once"
    read_token(vapid.authorization("https://other.example/x"), "https://other.example")
    now[0] += 6 * 3600 + 1
    later, _ = read_token(vapid.authorization("https://push.example/a"), "https://push.example")
    assert later["exp"] == claims["exp"] + 6 * 3600 + 1


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vapid("AAAA", "mailto:a@news.example")


# Where to --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "good"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://fcm.googleapis.com:443/wp/abc", True),
        ("https://FCM.googleapis.com/wp/abc", True),
        ("https://web.push.apple.com/Q", True),
        ("https://push.apple.com/Q", False),
        ("https://evilpush.apple.com/Q", False),
        ("https://push.apple.com.evil.example/Q", False),
        ("http://fcm.googleapis.com/wp/abc", False),
        ("https://fcm.googleapis.com:8443/wp/abc", False),
        ("https://fcm.googleapis.com:x/wp/abc", False),
        ("https://a@fcm.googleapis.com/wp/abc", False),
        ("https://fcm.googleapis.com@evil.example/wp", False),
        ("https://fcm.googleapis.com\\@evil.example/wp", False),
        ("https://evil.example/", False),
        ("https://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("https://[::1/", False),
        ("https://fcm.googleapis.com/wp/abc\r\nX: y", False),
        ("https://fcm.googleapis.com/wp/ä", False),
        ("https://fcm.googleapis.com/" + "a" * 1000, False),
        ("", False),
    ],
)
def test_only_services_on_the_list_are_called(endpoint: str, good: bool) -> None:
    assert of_service(endpoint, HOSTS) is good


def test_every_service_where_the_operator_says_so() -> None:
    assert of_service("https://push.example/1", ("*",))
    assert not of_service(f"https://{'a' * 64}.push.example/1", ("*",))
    assert not of_service("https://a..push.example/1", ("*",))
    assert not of_service("https://push.example/1 2", ("*",))
    assert not of_service("http://push.example/1", ("*",))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b:1::10.0.0.1", False),
        ("2002:a00:1::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::8.8.8.8", True),
        ("2002:a00:1::", False),
    ],
)
def test_no_address_of_our_own_network(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("-5", 0),
        ("999999999", 3600),
        ("9" * 400, 3600),
        ("9" * 5000, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 3600),
        ("Wed, 21 Oct 2099 07:28:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_a_service_asks_to_wait(header: str, seconds: float | None) -> None:
    assert wait_of(header) == seconds
