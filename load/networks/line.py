"""A line: what a packet meets on its way in one direction.

Packets and moments come in, packets leave when they are due, in their order; some never do. Invariant: what is lost is
decided by the seed and the number of the packet alone, and no packet leaves before its time.
"""

import collections
import random

# Packets that are under way at once; beyond, the newest are lost, as on any line that is full.
UNDER_WAY_MAX = 20_000


class Line:
    """One direction."""

    def __init__(self, delay_s, loss, seed):
        self.delay_s, self.loss = delay_s, loss
        self.chance = random.Random(seed)
        self.under_way = collections.deque()
        self.given = self.lost = self.overflowed = 0

    def put(self, packet, now):
        """A packet enters."""
        self.given += 1
        if self.chance.random() < self.loss:
            self.lost += 1
        elif len(self.under_way) >= UNDER_WAY_MAX:
            self.overflowed += 1
        else:
            self.under_way.append((now + self.delay_s, packet))

    def due(self, now):
        """The packets whose time has come."""
        while self.under_way and self.under_way[0][0] <= now:
            yield self.under_way.popleft()[1]

    def next(self):
        """When the next one is due; `None`: nothing is under way."""
        return self.under_way[0][0] if self.under_way else None
