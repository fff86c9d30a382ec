"""The live page beside a plain answer of the same bytes on the same server, request by request.

Both are served by `run_web` with the same settings; the plain one is Starlette's
PlainTextResponse and nothing else. They take turns.
"""

from contextlib import ExitStack, closing

from bench.asked import Asked
from bench.figures import CannotMeasure, Row, ratio_row, spread_row
from bench.house import Running, house
from bench.kernel import cpu_ns
from bench.tools import Tool

ENCODINGS = ("identity", "gzip", "br")
CONNECTIONS = 16
MILLISECONDS = 400
PLAIN = ("-m", "bench.peers.plain_page")


class Asker(Tool):
    """Asks one server for one page, over and over."""

    def __init__(self, asked: Asked, web: Running) -> None:
        super().__init__(str(asked.tools / "get"), "127.0.0.1", str(web.port), str(CONNECTIONS))
        self._pid = web.pid
        self.cpu = 0.0
        """µs an answer, the last time."""
        self.size = 0

    def run(self, encoding: str, path: str) -> float:
        """Answers a second."""
        before = cpu_ns(self._pid)
        self.tell(f"run {MILLISECONDS} {encoding} {path}")
        answers, failed, self.size, took = self.hear("ran")
        if failed:
            raise CannotMeasure(f"{failed} of {answers} answers of {path} were no 200.")
        self.cpu = (cpu_ns(self._pid) - before) / 1000 / answers
        return answers / (took / 1e9)


def measure(asked: Asked) -> list[Row]:
    """Rows for each encoding."""
    rows: list[Row] = []
    with ExitStack() as stack:
        ours = stack.enter_context(house(asked.folder))
        ours.desk.blog("one", 100)
        live = Asker(asked, stack.enter_context(ours.web()))
        plain = Asker(asked, stack.enter_context(ours.web(PLAIN)))
        stack.enter_context(closing(live))
        stack.enter_context(closing(plain))
        for encoding in ENCODINGS:
            rows += compare(asked, live, plain, encoding)
    return rows


def compare(asked: Asked, live: Asker, plain: Asker, encoding: str) -> list[Row]:
    """The rows of one encoding."""
    ours, theirs, our_cpu, their_cpu = [], [], [], []
    for turn in range(asked.rounds + 1):
        one = live.run(encoding, "/blogs/one")
        two = plain.run(encoding, f"/plain/{live.size}")
        if turn:  # the first round warms up
            ours.append(one)
            theirs.append(two)
            our_cpu.append(live.cpu)
            their_cpu.append(plain.cpu)
    what = f"live page, {encoding}, {live.size:,} bytes"
    return [
        spread_row(f"{what}: answers a second", ours, ""),
        ratio_row(f"{what}: answers a second to a plain answer's", ours, theirs, 0.8, more=True),
        ratio_row(f"{what}: CPU to a plain answer's", our_cpu, their_cpu),
    ]
