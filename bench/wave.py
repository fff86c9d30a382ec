"""The wave of readers who come back when a node is lost, simulated in steps of time. Pure.

Every reader follows the rules of docs/protocol.md: at the loss it waits a random time below a
bound, and the bound doubles with each failure. Nodes take turns (a load balancer that counts
nothing). A node has a queue and serves it as fast as its CPU allows; who finds the queue full
fails, who finds no place left is told 503 with Retry-After.
"""

import random
from collections import defaultdict
from typing import NamedTuple

STEP = 0.05
"""Seconds."""


class Wave(NamedTuple):
    """What is simulated."""

    readers: int
    """Who lost their node."""
    nodes: int
    """Those that are left."""
    accepts: float
    """Connects a second that one node has CPU for."""
    queue: int
    """Connections that wait at one node (its listen queue)."""
    places: int | None = None
    """Readers that one node can still take; None: all."""
    first: float = 1.0
    most: float = 30.0
    """The first and the last bound of the wait, s."""
    retry_after: float = 2.0
    give_up: float = 600.0
    """End of the simulation, s."""


class Found(NamedTuple):
    """What came of it."""

    wave: Wave
    arrivals: list[int]
    """Attempts in each step."""
    back: list[int]
    """Readers who are back at the end of each step."""
    refused: int
    """Attempts that failed or were told 503."""

    @property
    def peak_arrivals(self) -> float:
        """The most attempts a second, over one second."""
        window = round(1 / STEP)
        return float(max(sum(self.arrivals[at : at + window]) for at in range(len(self.arrivals))))

    @property
    def peak_load(self) -> float:
        """That, as a multiple of what the nodes can accept in a second."""
        return self.peak_arrivals / (self.wave.accepts * self.wave.nodes)

    def until(self, share: float) -> float:
        """Seconds until that share is back; infinite when it never was."""
        wanted = share * self.wave.readers
        for step, back in enumerate(self.back):
            if back >= wanted:
                return (step + 1) * STEP
        return float("inf")


class Node:
    """A node that is left."""

    def __init__(self, wave: Wave) -> None:
        self._wave = wave
        self._places = wave.readers if wave.places is None else wave.places
        self._budget = 0.0
        self._waiting = 0

    def take(self) -> float | None:
        """One more asks: None when it may wait in the queue, or what it is told to wait."""
        if self._places == 0:
            return self._wave.retry_after
        if self._waiting == self._wave.queue:
            return 0.0
        self._waiting += 1
        self._places -= 1
        return None

    def serve(self) -> int:
        """How many it takes in during one step."""
        self._budget += self._wave.accepts * STEP
        served = min(self._waiting, int(self._budget))
        self._waiting -= served
        self._budget = self._budget - served if self._waiting else min(self._budget - served, 1.0)
        return served


def simulate(wave: Wave, seed: int) -> Found:
    """Run it until all are back, or nobody will be."""
    chance = random.Random(seed)
    nodes = [Node(wave) for _ in range(wave.nodes)]
    # Who comes in a step: for each, how many times it has failed.
    coming: defaultdict[int, list[int]] = defaultdict(list)
    for _ in range(wave.readers):
        coming[int(chance.uniform(0, wave.first) / STEP)].append(0)
    arrivals: list[int] = []
    back: list[int] = []
    refused = inside = 0
    for step in range(round(wave.give_up / STEP)):
        asking = coming.pop(step, [])
        for failures in asking:
            told = nodes[chance.randrange(wave.nodes)].take()
            if told is not None:
                refused += 1
                bound = min(wave.first * 2 ** (failures + 1), wave.most)
                wait = told + chance.uniform(0, bound)
                coming[step + 1 + int(wait / STEP)].append(failures + 1)
        inside += sum(node.serve() for node in nodes)
        arrivals.append(len(asking))
        back.append(inside)
        if inside == wave.readers:
            break
    return Found(wave, arrivals, back, refused)
