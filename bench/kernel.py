"""What the kernel says of processes and sockets."""

import os
from pathlib import Path

from bench.figures import CannotMeasure


def cpu_ns(*pids: int) -> int:
    """CPU time of all threads of these processes that are there."""
    return sum(
        int((task / "schedstat").read_text().split()[0])
        for pid in pids
        for task in Path(f"/proc/{pid}/task").iterdir()
    )


def rss_kib(*pids: int) -> int:
    """Resident memory of these processes."""
    return sum(_kib(Path(f"/proc/{pid}/status"), "VmRSS:") for pid in pids)


def free_kib() -> int:
    """Memory that programs can still have."""
    return _kib(Path("/proc/meminfo"), "MemAvailable:")


def socket_pages() -> int:
    """Pages of memory in the buffers of all TCP sockets."""
    for line in Path("/proc/net/sockstat").read_text().splitlines():
        if line.startswith("TCP:"):
            return int(line.split()[-1])
    raise CannotMeasure("The kernel does not tell the memory of sockets.")


def files_of(pid: int) -> int:
    """Open descriptors of a process."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def children_of(pid: int) -> dict[int, str]:
    """The processes it started, with their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            stat = (folder / "stat").read_text()
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has just ended
        if int(stat.rpartition(")")[2].split()[1]) == pid:
            found[int(folder.name)] = line
    return found


def _kib(path: Path, word: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(word):
            return int(line.split()[1])
    raise CannotMeasure(f"The kernel does not tell {word} in {path.name}.")
