#!/usr/bin/env python3
"""Measures what Belfry does when more is asked of it than it can do, and writes docs/performance.md's section about it.

Two things are measured by `belfry bench`, each on a private server: messages far beyond what the server can take, and all
clients coming back at the same moment while others go on talking. For the first the server gets a small part of a
processor, so that the tool can offer ten times what it does. Invariant: what stands in the tables was measured by this
command in one run.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "load/side_by_side"))

import table  # noqa: E402

BEGIN = "<!-- ./bench --stress writes from here -->"

TIMES = [1, 2, 5, 10]

DOORS = {"tcp": "native, plain", "noise": "native, Noise", "tls": "native, TLS", "xmpp": "XMPP, plain", "xmpp-tls": "XMPP, TLS"}

PERIOD_US = 10_000


def servers_of(pid):
    """Processes under this one that serve."""
    found = []
    for child in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((child / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (child / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, IndexError):
            continue
        if parent == pid and b"serve" in words:
            found.append(int(child.name))
    return found


@contextlib.contextmanager
def part_of_a_processor(percent):
    """A control group whose processes together get this part of a processor, in pieces of 10 ms."""
    version_1 = pathlib.Path("/sys/fs/cgroup/cpu")
    name = f"belfry-stress-{os.getpid()}"
    quota = PERIOD_US * percent // 100
    if version_1.is_dir():
        group = version_1 / name
        group.mkdir()
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        group = pathlib.Path("/sys/fs/cgroup") / name
        group.mkdir()
        (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    try:
        yield group / "cgroup.procs"
    finally:
        # A group goes when its last process has.
        for _ in range(100):
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.1)


def bench(args, arguments, procs=None):
    """What `belfry bench` says; its server gets into a control group as soon as it is there."""
    with tempfile.TemporaryDirectory(prefix="belfry-stress-", dir=args.scratch) as scratch:
        command = [str(args.program), "bench", *arguments, "--json"]
        environment = {**os.environ, "TMPDIR": scratch}
        asked = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

        def place():
            while asked.poll() is None:
                for server in servers_of(asked.pid):
                    procs.write_text(str(server))
                    return
                time.sleep(0.02)

        if procs is not None:
            threading.Thread(target=place, daemon=True).start()
        out, err = asked.communicate()
    try:
        said = json.loads(out)
    except ValueError:
        raise RuntimeError(f"{command}: {out}{err}") from None
    if not said["clean"]:
        print(f"    not clean: {said['complaints'][:2]}", file=sys.stderr)
    return said


def run(args, kept):
    """Measures everything."""
    whole = {"percent": args.percent, "connections": args.connections, "overload": {}, "storm": {}}
    for door in args.doors:
        print(f"overload, {DOORS[door]}", file=sys.stderr)
        with part_of_a_processor(args.percent) as procs:
            arguments = ["overload", "--door", door, "--pairs", str(args.pairs), "--time", str(args.seconds)]
            whole["overload"][door] = bench(args, arguments, procs)
    for door in args.doors:
        print(f"storm, {DOORS[door]}", file=sys.stderr)
        arguments = ["storm", "--door", door, "--connections", str(args.connections)]
        whole["storm"][door] = bench(args, [*arguments, "--stay", "20", "--rate", "100"])
    whole["load"] = os.getloadavg()[0]
    kept.write_text(json.dumps(whole, indent=1))


def text(whole):
    """The section."""
    one = next(iter(whole["storm"].values()))
    settings = next(iter(whole["overload"].values()))["settings"]
    head = f"""`./bench --stress` (`belfry bench overload`, `belfry bench storm`) on {one['machine']['processors']} ×
        {one['machine']['processor']}, one run each; a private server with what it has by default but for rates.
        **More than it can do**: the server gets {whole['percent']} % of one processor (a control group), so that the tool can
        offer ten times what it can do; {settings['pairs']} pairs, {settings['seconds at each rate']} s at each rate, texts of
        {settings['bytes of each text']} bytes. "Not taken" is what was due while four messages of its pair were under way already."""
    lines = [
        "| door | offered /s | heard /s | within a second /s | refused /s | not taken /s | half within ms | 99 % | lost, doubled |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for door, said in whole["overload"].items():
        figures = said["figures"]
        lines.append(f"| {DOORS[door]}, one after the other | | {table.shown(figures['capacity_per_s'])} | | | | |"
                     f" {table.shown(figures['delivery_p99_ms'])} | {table.losses(said) or 0} |")
        for times in TIMES:
            keys = ["offered_per_s", "heard_per_s", "in_time_per_s", "refused_per_s", "left_out_per_s"]
            keys += ["delivery_p50_ms", "delivery_p99_ms"]
            cells = " | ".join(table.shown(figures[f"{key}_x{times}"]) for key in keys)
            lines.append(f"| {DOORS[door]}, × {times} | {cells} | {'0' if said['clean'] else 'see the log'} |")
    storm = f"""**All at once**: {whole['connections']:,} clients lose their connections at the same moment and come back at once;
        20 pairs of others stay and write 100 messages a second all the while. Server and tool share the processors, so that
        the tool's own work of {whole['connections']:,} handshakes is in all times."""
    rows = [
        "| door | half are back after s | 99 % | server CPU µs each | those who stay, before: half within ms | 99 % "
        "| meanwhile: half | 99 % | the longest |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for door, said in whole["storm"].items():
        keys = ["back_p50_s", "back_p99_s", "login_cpu_us", "before_p50_ms", "before_p99_ms", "meanwhile_p50_ms"]
        keys += ["meanwhile_p99_ms", "meanwhile_max_ms"]
        rows.append(f"| {DOORS[door]} | " + " | ".join(table.shown(said["figures"][key]) for key in keys) + " |")
    return "\n\n".join([table.fill(head), "\n".join(lines), table.fill(storm), "\n".join(rows)])


def main():
    parser = argparse.ArgumentParser(prog="./bench --stress", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=ROOT / "target/release/belfry", help="the belfry that measures and is measured")
    parser.add_argument("--percent", type=int, default=20, help="part of a processor for the server, in %% (default 20)")
    parser.add_argument("--pairs", type=int, default=1000, help="pairs in the overload (default 1000)")
    parser.add_argument("--seconds", type=int, default=10, help="length of each rate (default 10)")
    parser.add_argument("--connections", type=int, default=18000, help="clients in the storm (default 18000)")
    parser.add_argument("--doors", nargs="+", default=["noise", "xmpp"], choices=DOORS, help="(default noise and xmpp)")
    parser.add_argument("--scratch", default=tempfile.gettempdir(), help="where the servers keep their data")
    table.choices(parser)
    args = parser.parse_args()
    table.finish(args, ROOT / "target/bench/stress.json", run, text, BEGIN)


if __name__ == "__main__":
    main()
