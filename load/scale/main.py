#!/usr/bin/env python3
"""Measures how Belfry's costs grow, by `examples/costs`, and writes "As it grows" in docs/performance.md.

Sizes come in; figures leave, all of them as JSON under target/bench, the tables in docs/performance.md and the plots in
docs/plots. Invariant: each measurement is a process of its own, and what stands in the tables was measured by this command.
"""

import argparse
import http.client
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "load/side_by_side"))

import servers  # noqa: E402
import table  # noqa: E402

import text  # noqa: E402

START_S = 120


def costs(args, *words):
    """One measurement of `examples/costs`: its figures."""
    words = [str(word) for word in words]
    print(f"costs grow {' '.join(words)}", file=sys.stderr)
    asked = subprocess.run([args.costs, "grow", *words], capture_output=True, text=True)
    if asked.returncode != 0:
        raise RuntimeError(f"costs grow {' '.join(words)}: {asked.stderr}")
    return json.loads(asked.stdout) | {"load": os.getloadavg()[0]}


def forget(folder):
    """Lets the system forget what it has read of the files of a folder, so that they are read from the disk again."""
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def started(args, data):
    """Seconds from the start of the server to its first answer."""
    port, metrics = servers.free_ports(2)
    settings = data.with_suffix(".toml")
    settings.write_text(
        f'[server]\nlisten = ["127.0.0.1:{port}"]\ndata = "{data}"\ndomain = "example.org"\n'
        f'[metrics]\nlisten = "127.0.0.1:{metrics}"\n[xmpp]\nlisten = []\n'
    )
    began = time.monotonic()
    with open(data.with_suffix(".log"), "w") as log:
        server = subprocess.Popen([args.program, "serve", "--config", settings], stdout=log, stderr=log)
    try:
        while time.monotonic() < began + START_S:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/")
                connection.getresponse().read()
                return time.monotonic() - began
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.001)
        raise RuntimeError(f"the server did not start: {data.with_suffix('.log').read_text()}")
    finally:
        server.terminate()
        server.wait(30)


def starts(args, data):
    """Medians of some starts: with files that the system has forgotten, and as after a restart of the server alone."""
    cold, warm = [], []
    for _ in range(args.starts):
        forget(data)
        cold.append(started(args, data))
        warm.append(started(args, data))
    return {"start_cold_s": statistics.median(cold), "start_s": statistics.median(warm)}


def store(args, scratch, keep):
    """A store that is filled further and further, measured at each size."""
    data, rows, before = scratch / "data", [], 0
    rows.append({"events": 0, **starts(args, scratch / "empty")})
    for events in args.events:
        filled = costs(args, "fill", data, "--from", before, "--events", events, "--accounts", args.accounts)
        start = starts(args, data)
        forget(data)
        measured = costs(args, "store", data, "--events", events, "--accounts", args.accounts)
        rows.append({**filled, **measured, **start, "fill_s": filled["took_s"]})
        keep("store", rows)
        before = events


def lobby(args, keep):
    """Copies by watching sessions."""
    rows = []
    for sessions in args.watching:
        runs = [costs(args, "lobby", "--sessions", sessions) for _ in range(args.rounds)]
        rows.append({key: statistics.median(run[key] for run in runs) for key in runs[0]})
        keep("lobby", rows)


def sessions(args, scratch, keep):
    """Sessions at rest by their number."""
    rows = []
    costs(args, "accounts", scratch / "people", "--accounts", max(args.sessions))
    for count in args.sessions:
        rows.append(costs(args, "sessions", scratch / "people", "--sessions", count))
        keep("sessions", rows)


def main():
    parser = argparse.ArgumentParser(prog="./bench --scale", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=ROOT / "target/release/belfry", help="the server that is started")
    parser.add_argument("--costs", default=ROOT / "target/release/examples/costs", help="the program that measures")
    parser.add_argument("--scratch", default=tempfile.gettempdir(), help="where the stores are: 10 GB for all of it")
    parser.add_argument("--events", type=int, nargs="+", default=[10**5, 10**6, 10**7], help="events in a store")
    parser.add_argument("--accounts", type=int, default=10_000, help="accounts of these stores (default 10,000)")
    parser.add_argument("--watching", type=int, nargs="+", default=[100, 1000, 10_000], help="sessions in the lobby")
    parser.add_argument("--sessions", type=int, nargs="+", default=[10**5, 10**6], help="sessions at rest: 8 GB for a million")
    parser.add_argument("--rounds", type=int, default=3, help="how often the lobby is measured (default 3)")
    parser.add_argument("--starts", type=int, default=3, help="how often a server is started with a store (default 3)")
    parser.add_argument("--only", choices=["store", "lobby", "sessions"], help="measure this alone; the rest stays")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md and the plots as they are")
    parser.add_argument("--again", action="store_true", help="measure nothing; write what was measured last again")
    kept = ROOT / "target/bench/scale.json"
    parser.add_argument("--figures", type=pathlib.Path, default=kept, help="where all figures are kept")
    args = parser.parse_args()
    kept = args.figures
    kept.parent.mkdir(parents=True, exist_ok=True)
    whole = json.loads(kept.read_text()) if kept.exists() else {}

    def keep(part, rows):
        whole[part] = rows
        whole["machine"] = {"processors": os.cpu_count(), "kernel": platform.release().split("-")[0]}
        whole["accounts"] = args.accounts
        kept.write_text(json.dumps(whole, indent=1))

    if not args.again:
        with tempfile.TemporaryDirectory(prefix="belfry-scale-", dir=args.scratch) as scratch:
            scratch = pathlib.Path(scratch)
            if args.only in (None, "lobby"):
                lobby(args, keep)
            if args.only in (None, "sessions"):
                sessions(args, scratch, keep)
            if args.only in (None, "store"):
                store(args, scratch, keep)
    if args.no_write:
        print(text.text(whole))
    else:
        table.put(ROOT / "docs/performance.md", text.text(whole), text.BEGIN)
        text.draw(whole, ROOT / "docs/plots")


if __name__ == "__main__":
    main()
