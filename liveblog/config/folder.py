"""What lies in the data folder by rule, so that every process finds it without being told."""

import contextlib
import hashlib
import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

from liveblog.errors import ConfigError

SOCKET_PATH_MAX = 100
"""Bytes; the kernel's own limit for the path of a unix socket is 107."""

_KEYS = {"secret_key": "secret key", "push_key": "key of web push"}
_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def valkey_socket(data_dir: Path) -> Path:
    """Where the embedded Valkey of a data folder listens; every process finds it by this rule.

    A path too long for a socket is replaced by one in a folder of ours under the system's
    temporary one, named by a hash of the data folder.
    """
    folder = data_dir.resolve()
    socket = folder / "valkey.sock"
    if len(os.fsencode(socket)) <= SOCKET_PATH_MAX:
        return socket
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"liveblog-{os.getuid()}" / f"{name}.sock"


def read_kept(folder: Path, name: str) -> str:
    """A key that is kept in a data folder: ``secret_key`` or ``push_key``.

    :raises ConfigError: there is none; the sentence says where it was looked for.
    """
    path = folder / name
    try:
        return path.read_text("ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"There is no {_KEYS[name]}: LIVEBLOG_{name.upper()} is not set and {path} cannot be"
            f" read ({error.strerror}). Set it, or run liveblog migrate, which makes one."
        ) from None


def make_folder(folder: Path) -> None:
    """Make a data folder (0700), parents included.

    :raises ConfigError: it cannot be made.
    """
    with _said(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_secret(folder: Path) -> None:
    """Make the secret key of a data folder (0600) where there is none.

    :raises ConfigError: the folder cannot be written.
    """
    _make_once(folder, "secret_key", secrets.token_urlsafe(48))


def make_push_key(folder: Path) -> None:
    """Make the private key of web push, a number below the order of P-256, where there is none.

    :raises ConfigError: the folder cannot be written.
    """
    number = (secrets.randbelow(_P256 - 1) + 1).to_bytes(32, "big")
    _make_once(folder, "push_key", urlsafe_b64encode(number).decode().rstrip("="))


def _make_once(folder: Path, name: str, text: str) -> None:
    path = folder / name
    with _said(folder):
        if path.exists():
            return
        # Written aside and linked: two commands at once get one key, and never half of it.
        draft = folder / f"{name}.{secrets.token_hex(4)}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()


@contextlib.contextmanager
def _said(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} cannot be used ({error.strerror}). Make it writable, or"
            " name another one, for example LIVEBLOG_DATA_DIR=/var/lib/liveblog."
        ) from None
