#!/usr/bin/env python3
"""Measures Belfry, ejabberd and Prosody by `belfry bench`, one after the other, and writes docs/performance.md's table.

The program to measure with, what to do and how often come in; figures leave, all of them as JSON under target/bench, their
medians in docs/performance.md. Invariant: what stands in the table was measured by this command in one run, in turns:
each round does everything once, so that an hour in which the machine is busy is in the same column for all.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import plot
import servers
import table

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Accounts of the chat, and messages a second: what the slowest of them manages with half a processor.
PAIRS = 50
RATE = 400
FAST_RATE = 1000

# Each with what it keeps messages in by itself.
FIRST = [servers.Belfry, servers.Ejabberd, servers.Prosody]

PEERS = [servers.Ejabberd, servers.EjabberdSqlite, servers.Prosody, servers.ProsodySqlite]


def measurements(args):
    """What is measured: scenario, server, door, arguments."""
    # What a server does not keep up with is late, and not lost: it is waited for.
    seconds = ["--time", str(args.seconds), "--pairs", str(PAIRS), "--patience", "60"]
    clock = [*seconds, "--rate", str(RATE)]
    full = [*seconds, "--window", "4"]
    fast = [*seconds, "--rate", str(FAST_RATE)]
    idle = ["--connections", str(args.connections), "--rest", "5"]
    login = ["--mechanism", "SCRAM-SHA-1"]
    for door in ["xmpp", "xmpp-tls"]:
        for server in [servers.Belfry, *PEERS]:
            # An archive is the same behind every door.
            if door == "xmpp" or server.archive != "sql":
                yield "clock", server, door, ["chat", *clock, *login]
                yield "full", server, door, ["chat", *full, *login]
            if server.archive != "sql":
                yield "idle", server, door, ["idle", *idle, *login]
    for door in ["noise", "tls", "tcp", "websocket"]:
        yield "clock", servers.Belfry, door, ["chat", *clock]
        yield "full", servers.Belfry, door, ["chat", *full]
        yield "idle", servers.Belfry, door, ["idle", *idle]
    for door in ["noise", "tls", "xmpp", "xmpp-tls"]:
        yield "fast", servers.Belfry, door, ["chat", *fast]


def measure(program, scratch, kind, server, door, arguments):
    """One measurement on a server of its own."""
    accounts = PAIRS * 2 if kind != "idle" else int(arguments[arguments.index("--connections") + 1])
    with server(scratch / f"{server.__name__}-{time.monotonic_ns()}", accounts) as running:
        command = [program, "bench", *arguments, "--door", door, "--json", *running.arguments(door)]
        environment = {**os.environ, "TMPDIR": str(scratch)}
        asked = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
    try:
        said = json.loads(asked.stdout)
    except ValueError:
        raise RuntimeError(f"{server.name} by {door}: {asked.stdout}{asked.stderr}") from None
    if not said["clean"]:
        print(f"    not clean: {said['complaints'][:2]} {table.losses(said)}", file=sys.stderr)
    return said


def run(args, kept):
    """Measures everything as often as wished; what is there so far is kept after each measurement."""
    rows, began = {}, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="belfry-side-", dir=args.scratch) as scratch:
        scratch = pathlib.Path(scratch)
        scratch.chmod(0o755)
        bare = json.loads(subprocess.check_output([args.program, "bench", "limits", "--json", "--folder", scratch]))
        whole = {
            "limits": bare,
            "versions": servers.versions(),
            "notes": {peer.name: peer.note for peer in PEERS},
            "settings": {"pairs": PAIRS, "rate": RATE, "fast": FAST_RATE, **vars(args), "program": str(args.program)},
        }
        plan = [step for step in measurements(args) if args.only.lower() in step[1].name.lower()]
        for number in range(args.rounds):
            for step, (kind, server, door, arguments) in enumerate(plan):
                busy = os.getloadavg()[0]
                print(f"round {number + 1}, {step + 1} of {len(plan)}: {kind}, {server.name}, {door}", file=sys.stderr)
                try:
                    said = measure(args.program, scratch, kind, server, door, arguments)
                except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                    print(f"    left out: {error}", file=sys.stderr)
                    continue
                said["load"] = busy
                rows.setdefault((kind, server.name, door), []).append(said)
                whole["measured"] = [{"kind": k, "server": s, "door": d, "runs": r} for (k, s, d), r in rows.items()]
                whole["took_s"] = time.monotonic() - began
                kept.write_text(json.dumps(whole, indent=1))


def plots(args, kept):
    """Measures connections at rest by their number, and draws what they hold and what logging them in costs."""
    lines = {}
    for server, door in [(servers.Belfry, "noise"), *((one, "xmpp") for one in FIRST)]:
        for count in args.counts:
            print(f"{count} connections, {server.name}, {table.DOORS[door]}", file=sys.stderr)
            login = ["--mechanism", "SCRAM-SHA-1"] if door == "xmpp" else []
            arguments = ["idle", "--connections", str(count), "--rest", "5", *login]
            with tempfile.TemporaryDirectory(prefix="belfry-side-", dir=args.scratch) as scratch:
                scratch = pathlib.Path(scratch)
                scratch.chmod(0o755)
                said = measure(args.program, scratch, "idle", server, door, arguments)
            lines.setdefault(f"{server.name.split(',')[0]}, {table.DOORS[door].split(',')[0]}", []).append(said["figures"])
            kept.with_name("plots.json").write_text(json.dumps(lines, indent=1))
    draw(lines)


def draw(lines):
    """The two plots of docs/performance.md."""
    memory, login = [], []
    for name, runs in lines.items():
        none = (0, runs[0]["memory_before_kib"] / 1024)
        memory.append((name, [none, *((run["connections"], run["memory_after_kib"] / 1024) for run in runs)]))
        spent = ((run["connections"], run["login_cpu_us"] * run["connections"] / 1e6) for run in runs)
        login.append((name, [(0, 0), *spent]))
    folder = ROOT / "docs/plots"
    folder.mkdir(exist_ok=True)
    about = "Memory of the server with connections at rest"
    (folder / "memory.svg").write_text(plot.plot(about, "connections", "MiB", memory))
    (folder / "login-cpu.svg").write_text(plot.plot("CPU of the server to log them all in", "connections", "s", login))


def main():
    others = "Other measurements, each with a --help of its own: ./bench --networks, --stress, --scale."
    parser = argparse.ArgumentParser(prog="./bench", description=__doc__.split("\n", maxsplit=1)[0], epilog=others)
    parser.add_argument("--program", default=ROOT / "target/release/belfry", help="the belfry that measures and is measured")
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=10, help="length of each chat (default 10)")
    parser.add_argument("--connections", type=int, default=1000, help="connections at rest (default 1000)")
    parser.add_argument("--scratch", default=tempfile.gettempdir(), help="where the servers keep their data")
    parser.add_argument("--only", default="", help="only servers whose name has this in it")
    parser.add_argument("--plots", action="store_true", help="measure many connections and draw docs/plots, nothing else")
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 5000, 18000], help="connections of the plots")
    table.choices(parser)
    args = parser.parse_args()
    kept = ROOT / "target/bench/side-by-side.json"
    if args.plots:
        kept.parent.mkdir(parents=True, exist_ok=True)
        plots(args, kept)
        return
    table.finish(args, kept, run, table.text)


if __name__ == "__main__":
    main()
