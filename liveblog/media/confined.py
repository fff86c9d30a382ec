"""Running the confined process: bounded in time, in what it answers, and in how many there are."""

import asyncio
import sys

import msgspec

from liveblog.errors import LiveblogError, Unavailable
from liveblog.media.job import Answer, Job

SECONDS = 90.0
"""For a whole job, waiting for a processor included."""
ANSWER = 64 * 1024 * 1024
"""Bytes; all files of one picture come to a few MiB."""
AT_ONCE = 2
"""Jobs of one process; others wait for theirs."""


_ANSWERS: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class Broken(LiveblogError):
    """The process ended without an answer: it was killed, ran out of memory or of time."""


class Confined:
    """Gives jobs to processes of few rights, each to its own.

    :param seconds: after which one is killed.
    """

    def __init__(self, seconds: float = SECONDS, at_once: int = AT_ONCE) -> None:
        self._seconds = seconds
        self._free = asyncio.Semaphore(at_once)

    async def run(self, job: Job, content: bytes) -> Answer:
        """The answer to a job about a file.

        :raises Broken: there is none.
        :raises Unavailable: the machine has no process to spare.
        """
        async with self._free:
            return await self._run(job, content)

    async def _run(self, job: Job, content: bytes) -> Answer:
        asked = msgspec.json.encode(job).decode()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "liveblog.media.child", asked),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},  # no secret of ours
                limit=1024 * 1024,
            )
        except OSError as error:
            told = f"No process can be started to open the picture ({error.strerror})."
            raise Unavailable(told) from error
        try:
            async with asyncio.timeout(self._seconds):
                _, answer = await asyncio.gather(_feed(process, content), _read(process))
                await process.wait()
        except TimeoutError:
            raise Broken(f"It was not done within {self._seconds:g} s.") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            return _ANSWERS.decode(answer)
        except msgspec.MsgspecError:
            raise Broken(f"It ended with {process.returncode} and no answer.") from None


async def _feed(process: asyncio.subprocess.Process, content: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(content)
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has ended; its answer says why, or that there is none
    finally:
        process.stdin.close()


async def _read(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    parts = bytearray()
    while part := await process.stdout.read(256 * 1024):
        parts += part
        if len(parts) > ANSWER:
            raise Broken("Its answer is too long.")
    return bytes(parts)
