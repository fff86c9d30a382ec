"""The broker on servers that are more than one: Sentinel with a failover, a small Cluster."""

import asyncio
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from liveblog.broker.redis import RedisBroker
from tests.integration.test_broker import DEADLINE, Ear, eventually, heard_again, running
from tests.valkey import ValkeyProcess

Launch = Callable[..., ValkeyProcess]


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Starts servers with options of one's own; all end with the test."""
    with ExitStack() as stack:

        def start(*options: str, config: str | None = None) -> ValkeyProcess:
            name = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="lb-", ignore_cleanup_errors=True)
            )
            server = ValkeyProcess(Path(name), *options)
            if config is not None:
                path = Path(name) / "own.conf"
                path.write_text(config)
                server = ValkeyProcess(Path(name), *options, config=path)
            stack.callback(server.kill)
            server.start()
            return server

        yield start


def answer(server: ValkeyProcess, *words: str) -> object:
    with server.client() as client:
        return client.execute_command(*words)


async def test_a_sentinel_failover_is_a_gap_and_no_end(launch: Launch) -> None:
    ports = [free_port() for _ in range(3)]
    master = launch("--port", str(ports[0]))
    replica = launch("--port", str(ports[1]), "--replicaof", f"127.0.0.1 {ports[0]}")
    await eventually(lambda: linked(replica))
    sentinel = launch(
        *("--port", str(ports[2]), "--sentinel"),
        config=(
            f"sentinel monitor main 127.0.0.1 {ports[0]} 1\n"
            "sentinel down-after-milliseconds main 500\n"
            "sentinel failover-timeout main 2000\n"
        ),
    )
    dead = free_port()
    url = f"redis+sentinel://127.0.0.1:{dead},127.0.0.1:{ports[2]}/main"
    async with running(url) as (broker, ear):
        assert await broker.subscribe("blog:1", DEADLINE)
        await heard_again(broker, ear)
        # Sentinel must know the replica before it can promote it.
        await eventually(lambda: knows_replica(sentinel))
        gaps = ear.gaps
        master.kill()
        await ear.gap_after(gaps)
        await heard_again(broker, ear)
        with replica.client() as client:
            assert client.execute_command("ROLE")[0] == b"master"


def linked(replica: ValkeyProcess) -> bool:
    with replica.client() as client:
        return bool(client.info("replication").get("master_link_status") == "up")


def knows_replica(sentinel: ValkeyProcess) -> bool:
    return bool(answer(sentinel, "SENTINEL", "REPLICAS", "main"))


async def test_an_unknown_service_is_being_away(launch: Launch) -> None:
    port = free_port()
    launch("--port", str(port), "--sentinel", config="\n")
    async with running(f"redis+sentinel://127.0.0.1:{port}/none") as (broker, _):
        assert not await broker.subscribe("blog:1", 0.2)
        assert not broker.stats.connected


async def test_a_cluster_carries_between_nodes_and_survives_one(launch: Launch) -> None:
    ports = [free_port() for _ in range(2)]
    buses = [free_port() for _ in range(2)]
    nodes = [
        launch(
            *("--port", str(port), "--cluster-enabled", "yes", "--cluster-port", str(bus)),
            *("--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"),
        )
        for port, bus in zip(ports, buses, strict=True)
    ]
    answer(nodes[0], "CLUSTER", "ADDSLOTSRANGE", "0", "8191")
    answer(nodes[1], "CLUSTER", "ADDSLOTSRANGE", "8192", "16383")
    answer(nodes[0], "CLUSTER", "MEET", "127.0.0.1", str(ports[1]), str(buses[1]))
    await eventually(lambda: all(joined(node) for node in nodes))
    url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)
    async with running(url) as (one, ear), running(url) as (two, other):
        assert await one.subscribe("blog:1", DEADLINE)
        assert await two.subscribe("blog:1", DEADLINE)
        await heard_in_the_end(one, other)
        await heard_in_the_end(two, ear)
        gaps = ear.gaps
        nodes[1].restart_empty()  # its connections end; it rejoins from its nodes.conf
        await ear.gap_after(gaps)
        await heard_in_the_end(one, ear)
        await heard_in_the_end(two, ear)


async def heard_in_the_end(sender: RedisBroker, ear: Ear) -> None:
    """Messages arrive again. Some may be lost first: nodes that rejoin deliver before they link."""
    mark = secrets.token_bytes(8)
    async with asyncio.timeout(DEADLINE):
        while ("blog:1", mark) not in ear.messages:
            sender.publish("blog:1", mark)
            await asyncio.sleep(0.05)


def joined(node: ValkeyProcess) -> bool:
    with node.client() as client:
        state = client.execute_command("CLUSTER", "INFO")
    text = state if isinstance(state, bytes) else repr(state).encode()
    return b"cluster_known_nodes:2" in text and b"cluster_state:ok" in text
