"""Whose word about the client is believed."""

import pytest

from liveblog.server.proxies import Client, Proxies

TRUSTED = Proxies(["10.0.0.0/8", "2001:db8::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "proto", "client"),
    [
        ("1.2.3.4", "9.9.9.9", "https", Client("1.2.3.4")),  # a stranger may write anything
        ("10.0.0.1", "9.9.9.9", "https", Client("9.9.9.9", True)),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9, 10.0.0.2", "", Client("9.9.9.9")),  # 6.6.6.6 is invented
        ("10.0.0.1", "9.9.9.9:4711", "http", Client("9.9.9.9", False)),
        ("10.0.0.1", "[2001:db8::9]:4711", "http", Client("2001:db8::9", False)),
        ("2001:db8::1", "2001:db8::9", "", Client("2001:db8::9")),
        ("::ffff:10.0.0.1", "9.9.9.9", "", Client("9.9.9.9")),
        ("10.0.0.1", "9.9.9.9, nonsense", "", Client("10.0.0.1")),
        ("10.0.0.1", "", "spdy", Client("10.0.0.1")),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "http, https", Client("10.0.0.3", True)),
        ("", "9.9.9.9", "", Client("")),
    ],
)
def test_client(peer: str, forwarded: str, proto: str, client: Client) -> None:
    assert TRUSTED.client(peer, forwarded, proto) == client


def test_nobody_is_trusted_by_default() -> None:
    assert Proxies([]).client("127.0.0.1", "9.9.9.9", "https") == Client("127.0.0.1")
