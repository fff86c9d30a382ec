"""What many millions of readers would take, reckoned from what was measured. Pure.

Nothing here was run at that size. What is measured comes in as arguments (docs/performance.md
says from which run), what is assumed stands in :class:`Assumed` with its value, and prices are
assumptions like all else. The wave after the loss of a node is simulated in ``wave.py``.
"""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from bench.wave import Wave, simulate

KIB_IN_GIB = 1024 * 1024
MONTH = 730
"""Hours."""


class Measured(NamedTuple):
    """From a run of the bench on one machine."""

    reader_kib: float
    """Memory of the process, an idle reader."""
    delivery_us: float
    """CPU to write one message to one reader."""
    connect_us: float
    """CPU of one who comes back and catches up."""
    message_bytes: float
    """An entry as one frame."""
    deflated: float
    """What is left of it where compression was agreed on; 0.4 is 40 %."""
    idle_us: float
    """CPU of an idle reader a second, heartbeats and pings as usual."""


class Assumed(NamedTuple):
    """What is not measured: the machines, the news, the network, the prices."""

    socket_kib: float = 4.0
    """Kernel memory of an idle TLS-less TCP connection, beside the process."""
    process_mib: float = 90.0
    """A web process without readers."""
    process_readers: int = 100_000
    """The most one process takes (LIVEBLOG_MAX_READERS and descriptors raised to it)."""
    listen_queue: int = 4096
    """Connections that wait at a node (Linux, net.core.somaxconn): its processes share a socket."""
    cores: int = 8
    memory_gib: float = 32.0
    network_gbit: float = 10.0
    use: float = 0.6
    """The share of each that is planned with; the rest is for the loss of nodes."""
    entries_a_minute: float = 4.0
    """Changes of the one blog that all of them read."""
    heartbeat_seconds: float = 15.0
    heartbeat_bytes: float = 160.0
    within_seconds: float = 1.0
    """An entry is at its last reader in so long."""
    node_hour: float = 0.35
    """Dollars for such a node."""
    egress_gb: float = 0.05
    """Dollars for a gigabyte to the internet."""
    hours_a_month: float = 60.0
    """So long are that many readers there; for the rest of the month nobody pays for egress."""


class Plan(NamedTuple):
    """What so many readers take."""

    readers: int
    by_memory: int
    by_average_cpu: int
    by_burst_cpu: int
    """Nodes so that an entry is written to all in time."""
    by_network: int
    by_network_deflated: int
    nodes: int
    """The most of them, compression agreed on, and one to lose."""
    processes: int
    redis_messages: float
    """A second: each hint goes to each process, and each process hears its own probe."""
    database_queries: float
    """A second: one look of each process, whatever its readers do."""
    peak_gbit: float
    """While an entry goes out, deflated."""
    node_dollars: float
    egress_dollars: float
    """A month."""


def plan(readers: int, measured: Measured, assumed: Assumed) -> Plan:
    """Nodes and traffic for so many readers of one blog."""
    node_kib = assumed.memory_gib * KIB_IN_GIB * assumed.use
    node_kib -= assumed.cores * assumed.process_mib * 1024
    by_memory = ceil(readers * (measured.reader_kib + assumed.socket_kib) / node_kib)

    entries = assumed.entries_a_minute / 60
    beats = 1 / assumed.heartbeat_seconds
    node_us = assumed.cores * assumed.use * 1e6
    average_us = entries * measured.delivery_us + measured.idle_us
    by_average = ceil(readers * average_us / node_us)
    by_burst = ceil(readers * measured.delivery_us / assumed.within_seconds / node_us)

    small = measured.message_bytes * measured.deflated
    network = assumed.network_gbit * assumed.use
    by_network = ceil(gbit(readers, measured.message_bytes, assumed) / network)
    by_small = ceil(gbit(readers, small, assumed) / network)

    by_process = ceil(readers / (assumed.process_readers * assumed.cores))
    nodes = max(by_memory, by_average, by_burst, by_small, by_process) + 1
    processes = nodes * assumed.cores
    a_second = entries * small + beats * assumed.heartbeat_bytes
    gigabytes = readers * a_second * assumed.hours_a_month * 3600 / 1e9
    return Plan(
        readers=readers,
        by_memory=by_memory,
        by_average_cpu=by_average,
        by_burst_cpu=by_burst,
        by_network=by_network,
        by_network_deflated=by_small,
        nodes=nodes,
        processes=processes,
        redis_messages=processes * (entries + 1),
        database_queries=float(processes),
        peak_gbit=gbit(readers, small, assumed),
        node_dollars=nodes * assumed.node_hour * MONTH,
        egress_dollars=gigabytes * assumed.egress_gb,
    )


def gbit(readers: int, size: float, assumed: Assumed) -> float:
    """Gigabit a second while one message goes to all in time."""
    return readers * size * 8 / 1e9 / assumed.within_seconds


def plan_table(plans: Sequence[Plan]) -> str:
    """A column for each number of readers."""
    rows: list[tuple[str, list[str]]] = [
        ("nodes by memory", [f"{p.by_memory}" for p in plans]),
        ("nodes by CPU, on average", [f"{p.by_average_cpu}" for p in plans]),
        ("nodes by CPU, an entry to all in time", [f"{p.by_burst_cpu}" for p in plans]),
        ("nodes by network, plain", [f"{p.by_network}" for p in plans]),
        ("nodes by network, deflated", [f"{p.by_network_deflated}" for p in plans]),
        ("**nodes**, deflated, one to lose", [f"**{p.nodes}**" for p in plans]),
        ("web processes", [f"{p.processes}" for p in plans]),
        ("Redis messages a second", [f"{p.redis_messages:,.0f}" for p in plans]),
        ("database queries a second", [f"{p.database_queries:,.0f}" for p in plans]),
        ("Gbit/s while an entry goes out", [f"{p.peak_gbit:,.1f}" for p in plans]),
        ("$ a month for nodes", [f"{p.node_dollars:,.0f}" for p in plans]),
        ("$ a month for egress", [f"{p.egress_dollars:,.0f}" for p in plans]),
    ]
    head = ["readers", *(f"{p.readers:,}" for p in plans)]
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * len(plans)}"]
    return "\n".join(lines + [f"| {' | '.join([name, *cells])} |" for name, cells in rows])


def wave_table(plans: Sequence[Plan], measured: Measured, assumed: Assumed, seed: int) -> str:
    """The loss of one node of each plan."""
    lines = [
        "| readers | of one node | on how many others | arrivals/s at the peak | of what they can"
        " take | half back | 99 % | all | asked to wait |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in plans:
        lost = round(one.readers / one.nodes)
        able = assumed.cores * assumed.use * 1e6 / measured.connect_us
        wave = Wave(lost, one.nodes - 1, able, queue=assumed.listen_queue)
        found = simulate(wave, seed)
        half, most, last = (found.until(share) for share in (0.5, 0.99, 1.0))
        lines.append(
            f"| {one.readers:,} | {lost:,} | {one.nodes - 1} | {found.peak_arrivals:,.0f}"
            f" | {100 * found.peak_load:.0f} % | {half:.1f} s | {most:.1f} s | {last:.1f} s"
            f" | {found.refused:,} |"
        )
    return "\n".join(lines)
