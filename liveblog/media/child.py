"""The confined process: one job in its arguments, a file on its standard input, one answer.

It takes from itself what it does not need before it reads the file. Nothing here may be asked
twice: it ends with its answer.
"""

import codecs
import os
import resource
import sys
from importlib import import_module

import msgspec
from PIL import Image

from liveblog.media.job import Answer, Job, Look
from liveblog.media.picture import look, render

SECONDS = 60
"""Of processor time."""
MEMORY = 1024 * 1024 * 1024
"""Bytes of address space beside those of the pixels."""
BYTES_A_PIXEL = 24
"""A picture in four channels, turned and converted, lies in memory up to that often."""


LOADED = ("Avif", "Gif", "Jpeg", "Mpo", "Png", "Tiff", "WebP")
"""Parts of Pillow that it would load when it needs them; then no file can be opened any more."""
ENCODINGS = ("ascii", "cp1252", "latin-1", "utf-8", "utf-16")
"""The same for Python's."""


def load() -> None:
    """Have everything at hand that a picture may need."""
    Image.preinit()
    for name in LOADED:
        import_module(f"PIL.{name}ImagePlugin")
    for name in ENCODINGS:
        codecs.lookup(name)


def confine(pixels: int) -> None:
    """No file and no connection is opened any more, none written, and there is no more memory
    and time than a picture of so many pixels takes."""
    bounds = {
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform != "darwin":  # which has this bound in name only, and refuses it
        bounds[resource.RLIMIT_AS] = MEMORY + BYTES_A_PIXEL * pixels
    for what, bound in bounds.items():
        hard = resource.getrlimit(what)[1]
        most = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(what, (most, most))


def main(job: str) -> None:
    """Do the job."""
    asked = msgspec.json.decode(job, type=Job)
    load()
    confine(asked.pixels)
    os.nice(10)  # readers come first
    content = sys.stdin.buffer.read()
    answer: Answer
    if isinstance(asked, Look):
        answer = look(content, asked.pixels)
    else:
        answer = render(content, asked.pixels)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
    sys.stdout.buffer.flush()
    # Nothing is left to be done, and taking down what may be broken could wait for ever.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
