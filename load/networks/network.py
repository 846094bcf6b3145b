"""A bad network on one machine: two network namespaces and a line in each direction between them.

A round trip, a loss and a seed go in; a network leaves on which programs run by `ip netns exec`. The kernel of each side
does all of TCP and sees packets that come late or never; a thread of ours carries them between two TUN devices. Invariant:
nothing else can be reached from either side, and when the `with` block ends nothing of it is left.
"""

import ctypes
import fcntl
import math
import os
import select
import socket
import statistics
import struct
import subprocess
import threading
import time

import line

SERVER = "10.77.0.1"
CLIENT = "10.77.0.2"
PREFIX = 30
MTU = 1500

# linux/if_tun.h, linux/sched.h
TUNSETIFF = 0x400454CA
IFF_TUN_WITHOUT_HEAD = 0x0001 | 0x1000
CLONE_NEWNET = 0x40000000

# Packets that are read at a time from one side before the other one has its turn.
READ_AT_ONCE = 64

# What is measured comes before other work of the machine, and the thread that carries packets before that.
NICE = -10
NICE_OF_CARRIER = -15

PROBE_PORT = 9
PROBE_EVERY_S = 0.004


def enter(namespace):
    """This thread is in that namespace from here on; a descriptor of one."""
    if hasattr(os, "setns"):
        os.setns(namespace, CLONE_NEWNET)
    elif ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")


def ip(*words):
    """Asks iproute2."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")


class Side:
    """One namespace with a TUN device, and a socket for probes."""

    def __init__(self, name, address, peer):
        self.name = f"belfry-{os.getpid()}-{name}"
        self.tun = self.probe = None
        ip("netns", "add", self.name)
        try:
            self.open(address, peer)
        except BaseException:
            self.close()
            raise

    def open(self, address, peer):
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            enter(there)
            try:
                # Packets that nobody asked for (router solicitations) would be lost or carried too.
                set_sysctl("net/ipv6/conf/all/disable_ipv6", 1)
                # Each connection begins without knowing how those before it went.
                set_sysctl("net/ipv4/tcp_no_metrics_save", 1)
                self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
                fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", b"line", IFF_TUN_WITHOUT_HEAD))
                self.probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            finally:
                enter(here)
        finally:
            os.close(here)
            os.close(there)
        ip("-n", self.name, "link", "set", "lo", "up")
        ip("-n", self.name, "link", "set", "line", "mtu", str(MTU), "up")
        ip("-n", self.name, "address", "add", f"{address}/{PREFIX}", "dev", "line")
        self.probe.bind((address, PROBE_PORT))
        self.probe.connect((peer, PROBE_PORT))
        self.probe.setblocking(False)

    def close(self):
        if self.probe is not None:
            self.probe.close()
        if self.tun is not None:
            os.close(self.tun)
        ip("netns", "delete", self.name)

    def inside(self, command):
        """A command as it runs there."""
        return ["nice", "-n", str(NICE), "ip", "netns", "exec", self.name, *(str(word) for word in command)]

    def route(self, *options):
        """The route to the other side, with options of TCP."""
        ip("-n", self.name, "route", "change", f"{SERVER.rsplit('.', 1)[0]}.0/{PREFIX}", "dev", "line", *options)


def set_sysctl(key, value):
    """Of the namespace that this thread is in."""
    with open(f"/proc/sys/{key}", "w") as file:
        file.write(str(value))


class Network:
    """Both sides and what is between them."""

    def __init__(self, rtt_ms, loss, seed):
        self.rtt_ms, self.loss = rtt_ms, loss
        half_s = rtt_ms / 2000
        # Seeds that are not the same, or both directions would lose the same packets.
        self.there, self.back = line.Line(half_s, loss, f"{seed} there"), line.Line(half_s, loss, f"{seed} back")

    def __enter__(self):
        self.server = Side("server", SERVER, CLIENT)
        try:
            self.client = Side("client", CLIENT, SERVER)
        except BaseException:
            self.server.close()
            raise
        self.stopped, self.stop = os.pipe()
        self.failed = None
        self.carrier = threading.Thread(target=self.carry, daemon=True)
        self.carrier.start()
        return self

    def __exit__(self, *_):
        os.close(self.stop)
        self.carrier.join()
        os.close(self.stopped)
        self.client.close()
        self.server.close()

    def carry(self):
        """Carries packets until the pipe is closed."""
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE_OF_CARRIER)
            ways = {self.client.tun: (self.there, self.server.tun), self.server.tun: (self.back, self.client.tun)}
            while True:
                moments = [moment for way, _ in ways.values() if (moment := way.next()) is not None]
                wait_s = max(min(moments) - time.monotonic(), 0) if moments else None
                ready, _, _ = select.select([*ways, self.stopped], [], [], wait_s)
                if self.stopped in ready:
                    return
                for tun in ready:
                    read_from(tun, ways[tun][0])
                for way, out in ways.values():
                    for packet in way.due(time.monotonic()):
                        os.write(out, packet)
        except OSError as error:
            self.failed = error

    def probe(self, count):
        """Sends datagrams to the other side and back; the round trips of those that came back, in ms."""
        client, server, trips = self.client.probe, self.server.probe, []
        began = time.monotonic()
        end = began + count * PROBE_EVERY_S + self.rtt_ms / 1000 + 0.5
        sent = 0
        while time.monotonic() < end:
            if sent < count and time.monotonic() >= began + sent * PROBE_EVERY_S:
                client.send(struct.pack("d", time.monotonic()))
                sent += 1
            ready, _, _ = select.select([client, server], [], [], PROBE_EVERY_S / 4)
            if server in ready:
                server.send(server.recv(64))
            if client in ready:
                trips.append((time.monotonic() - struct.unpack("d", client.recv(64))[0]) * 1000)
        return trips

    def check(self, count=500, late_ms=10):
        """Whether it does to packets what was asked; the median round trip and the lost share, both ways together."""
        trips = self.probe(count)
        if self.failed is not None:
            raise RuntimeError(f"the line has broken: {self.failed}")
        if not trips:
            raise RuntimeError("no probe came back: the two sides do not see each other")
        rtt_ms, lost = statistics.median(trips), 1 - len(trips) / count
        expected = 1 - (1 - self.loss) ** 2
        # Four standard deviations: chance alone goes beyond once in 16,000 times.
        margin = 4 * math.sqrt(expected * (1 - expected) / count)
        if not self.rtt_ms <= rtt_ms <= self.rtt_ms + late_ms or abs(lost - expected) > margin:
            raise RuntimeError(
                f"asked for {self.rtt_ms} ms and {expected:.1%} both ways, got {rtt_ms:.1f} ms and {lost:.1%}: is the "
                "machine too busy?"
            )
        return rtt_ms, lost

    def lost(self):
        """The share of all packets so far that were lost, of both directions."""
        overflowed = self.there.overflowed + self.back.overflowed
        if overflowed:
            raise RuntimeError(f"{overflowed} packets were more than the line holds")
        return (self.there.lost + self.back.lost) / max(self.there.given + self.back.given, 1)


def read_from(tun, way):
    """Takes the packets that are there."""
    for _ in range(READ_AT_ONCE):
        try:
            packet = os.read(tun, MTU + 64)
        except BlockingIOError:
            return
        way.put(packet, time.monotonic())
