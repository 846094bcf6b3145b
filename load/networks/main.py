#!/usr/bin/env python3
"""Measures how long a message takes over bad networks, by `belfry bench`, and writes docs/performance.md's section on it.

The program to measure with and the networks come in; figures leave, all of them as JSON under target/bench, a table in
docs/performance.md. Invariant: each network was measured itself before anything was measured over it, and what it did to
packets stands beside what was asked of it.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import network
import report  # which knows where the tables of the other measurements are
import server
import table

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Round trip in ms, packets lost each way.
NETWORKS = [(rtt_ms, loss) for rtt_ms in (0, 100, 300) for loss in (0.0, 0.02, 0.05)]

# All over TLS, for the server is no loopback: so they differ in the link alone.
DOORS = ["tls", "websocket-tls", "long-poll-tls"]

# What is not heard so long after the end counts as lost: TCP may need several tries, each after twice the time.
PATIENCE_S = 30

# Logins under way at once: a login is many round trips, and the server checks no more passwords at a time.
AT_ONCE = 48


def measure(args, net, running, door):
    """One kind of link over one network."""
    chat = ["--pairs", args.pairs, "--rate", args.pairs * args.each, "--time", args.seconds, "--patience", PATIENCE_S]
    command = [args.program, "bench", "chat", "--door", door, *chat, "--at-once", AT_ONCE, "--settle", 1, "--json"]
    asked = subprocess.run(net.client.inside([*command, *running.arguments(door)]), capture_output=True, text=True)
    try:
        said = json.loads(asked.stdout)
    except ValueError:
        raise RuntimeError(f"by {door}: {asked.stdout}{asked.stderr}{running.last_words()}") from None
    if not said["clean"]:
        print(f"    not clean: {said['complaints'][:2]} {report.losses(said)}", file=sys.stderr)
    return said


def over(args, scratch, rtt_ms, loss, tuned):
    """The kinds of links over one network; all of them where TCP is as it comes."""
    rows, doors = [], DOORS[:1] if tuned else DOORS
    with network.Network(rtt_ms, loss, f"{args.seed} {rtt_ms} {loss}") as net:
        for side in {"": [], "the server": [net.server], "both ends": [net.server, net.client]}[tuned]:
            side.route("rto_min", report.RTO_MIN)
        seen_ms, probes_lost = net.check()
        accounts = args.pairs * 2
        with server.Server(args.program, scratch / f"{time.monotonic_ns()}", net, accounts) as running:
            for door in doors:
                print(f"{rtt_ms} ms, {loss:.0%} lost, {door} {tuned}", file=sys.stderr)
                said = measure(args, net, running, door)
                rows.append({"rtt_ms": rtt_ms, "loss": loss, "tuned": tuned, "door": door, "said": said})
                rows[-1]["load"] = os.getloadavg()[0]
        for row in rows:
            row["network"] = {"rtt_ms": seen_ms, "probes_lost": probes_lost, "packets_lost": net.lost()}
    return rows


def run(args, kept):
    """Measures over every network; what is there so far is kept after each."""
    whole = {"rows": [], "settings": {**vars(args), "program": str(args.program)}}
    began = time.monotonic()
    asked = [(rtt_ms, loss, "") for rtt_ms, loss in NETWORKS]
    asked += [(*report.AIMED, "the server"), (*report.AIMED, "both ends")]
    with tempfile.TemporaryDirectory(prefix="belfry-networks-", dir=args.scratch) as scratch:
        for one in asked:
            try:
                rows = over(args, pathlib.Path(scratch), *one)
            except RuntimeError as error:
                print(f"    once more: {error}", file=sys.stderr)
                rows = over(args, pathlib.Path(scratch), *one)
            whole["rows"] += rows
            whole["took_s"] = time.monotonic() - began
            kept.write_text(json.dumps(whole, indent=1))


def main():
    parser = argparse.ArgumentParser(prog="./bench --networks", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=ROOT / "target/release/belfry", help="the belfry that measures and is measured")
    parser.add_argument("--seconds", type=int, default=9, help="length of each chat (default 9)")
    parser.add_argument("--pairs", type=int, default=40, help="how many write; as many hear (default 40)")
    parser.add_argument("--each", type=float, default=1.0, help="messages of each pair in a second (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="decides which packets are lost (default 1)")
    parser.add_argument("--scratch", default=tempfile.gettempdir(), help="where the server keeps its data")
    table.choices(parser)
    args = parser.parse_args()
    table.finish(args, ROOT / "target/bench/networks.json", run, report.text, report.BEGIN)


if __name__ == "__main__":
    main()
