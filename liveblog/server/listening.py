"""The listening socket: bound once, and shared by the web processes."""

import contextlib
import errno
import socket

from liveblog.errors import ConfigError

BACKLOG = 65_535
"""Readers who wait to be let in; the kernel takes no more than ``net.core.somaxconn``. Who finds
no place there tries again a second later."""


def bind(host: str, port: int) -> socket.socket:
    """A bound socket that listens; readers who come before it is served wait in its queue.

    :raises ConfigError: the address is in use, or is none of this machine.
    """
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6 and host == "::":
                with contextlib.suppress(OSError):  # IPv4 clients too, where that can be had
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind(address)
            listener.listen(BACKLOG)
            listener.setblocking(False)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise ConfigError(_sentence(host, port, error)) from None
    return listener


def give_up_after(listener: socket.socket, seconds: int) -> None:
    """Have the kernel end connections of this listener whose peer has confirmed nothing of
    what was sent for so long (RFC 5482): a phone that lost its network says no goodbye, and an
    event stream asks no ping. Without it that takes a quarter of an hour.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, option, seconds * 1000)


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use. Stop what listens there, or choose another one,"
            f" for example LIVEBLOG_PORT={port + 1 if port < 65535 else 8000}."
        )
    return (
        f"It is not possible to listen on {host}, port {port} ({error.strerror}). Choose an"
        " address of this machine, for example LIVEBLOG_HOST=127.0.0.1."
    )


def address_of(listener: socket.socket) -> str:
    """The address a browser on this machine would use."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
