"""Figures as the tables of docs/performance.md.

Runs of each measurement come in, text leaves; each figure is the median of its runs. Invariant: what was not clean says so,
and nothing stands in the tables that was not measured.
"""

import json
import pathlib
import statistics
import textwrap
import types

ROOT = pathlib.Path(__file__).resolve().parents[2]

BEGIN = "<!-- ./bench writes from here -->"
END = "<!-- to here -->"

DOORS = {
    "xmpp": "XMPP, plain",
    "xmpp-tls": "XMPP, TLS",
    "noise": "native, Noise",
    "tls": "native, TLS",
    "tcp": "native, plain",
    "websocket": "native over WebSocket, plain",
}


def median(runs, key):
    """Of all runs."""
    return statistics.median(run["figures"][key] for run in runs)


def losses(run):
    """What went wrong with messages or logins, if anything did."""
    bad = ["messages_lost", "messages_duplicated", "messages_reordered", "messages_refused", "logins_failed"]
    wrong = {key.split("_")[1]: int(run["figures"].get(key, 0)) for key in bad if run["figures"].get(key, 0)}
    return ", ".join(f"{count} {what}" for what, count in wrong.items())


def shown(value):
    """With as many digits as hold."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def rows_of(rows, kind):
    """Rows of one kind, the doors in their order, the servers in that in which they were measured."""
    for door, name in DOORS.items():
        for (of, server, by), runs in rows.items():
            if (of, by) == (kind, door):
                yield f"{server} | {name}", runs


def note(runs):
    """What else has to be said of a row."""
    wrong = [losses(run) for run in runs if losses(run)]
    return "; ".join(wrong) or "0"


def chat(rows, kind):
    """A table of messages."""
    lines = [
        "| server | door | messages/s | server CPU µs/message | half within ms | 99 % | 99.9 % | tool CPU µs | lost, doubled |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    keys = ["messages_per_s", "message_cpu_us", "delivery_p50_ms", "delivery_p99_ms", "delivery_p999_ms"]
    keys.append("tool_message_cpu_us")
    for name, runs in rows_of(rows, kind):
        lines.append(f"| {name} | " + " | ".join(shown(median(runs, key)) for key in keys) + f" | {note(runs)} |")
    return "\n".join(lines)


def idle(rows):
    """A table of connections."""
    lines = [
        "| server | door | memory KiB each | server CPU µs/login | logins/s | memory without any MiB | failed |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, runs in rows_of(rows, "idle"):
        figures = [shown(median(runs, key)) for key in ["memory_kib_each", "login_cpu_us", "logins_per_s"]]
        figures.append(shown(median(runs, "memory_before_kib") / 1024))
        lines.append(f"| {name} | " + " | ".join(figures) + f" | {note(runs)} |")
    return "\n".join(lines)


def text(whole):
    """All of it, from what a run has left."""
    rows = {(row["kind"], row["server"], row["door"]): row["runs"] for row in whole["measured"]}
    bare, versions, args = whole["limits"], whole["versions"], types.SimpleNamespace(**whole["settings"])
    machine, limits, took = bare["machine"], bare["figures"], whole["took_s"]
    load = statistics.median(run["load"] for runs in rows.values() for run in runs)
    notes = "\n".join(f"- {name}: {note}." for name, note in whole["notes"].items())
    runs = "each figure is one run" if args.rounds == 1 else f"each figure is the median of {args.rounds} runs"
    head = f"""`./bench`: Belfry, ejabberd {versions['ejabberd']} and Prosody {versions['prosody']}, both as Debian has them,
        measured in turns by `belfry bench` in {took / 60:.0f} minutes; {runs}, each on a
        server of its own that begins empty. Everything runs on one machine: {machine['processors']} × {machine['processor']},
        {machine['memory_mib']:,} MiB, Linux {machine['kernel'].split('-')[0]}, {bare['settings']['file system'].split(' ')[0]}. When a
        measurement began, {load:.1f} processes wanted to run (load average, median): CPU for each message and memory for each
        connection hold on a busy machine; latencies and rates are to be read beside each other only."""
    same = """Every message is archived by every server. Texts have 100 bytes; XMPP clients count stanzas (XEP-0198) and log in by
        SCRAM-SHA-1, passwords have 4,096 rounds; TLS has an ECDSA certificate, and no session is taken up again. What a
        native client acknowledges and is told of receipts is part of its messages' cost. The settings of the others are in
        [load/side_by_side/servers.py](../load/side_by_side/servers.py)."""
    clock = f"""**{args.rate:,} messages a second by the clock**, over {args.pairs} pairs, for {args.seconds} s. A latency is from
        when a message was due until the other client had it. A sync for nearly each message is most of what Belfry spends
        here; what is not heard a minute after the end counts as lost."""
    full = f"""**As fast as it goes**: {args.pairs} pairs with four messages under way in each, so that a sync takes many. The
        tool runs on the same processors."""
    rest = f"""**{args.connections:,} connections at rest**, logged in and present; growth of the server's resident memory. What
        the kernel holds is not in it; it is about 4 KiB for each socket end. Logins in a second are held up by the tool,
        which hashes the passwords of 4,096 rounds itself."""
    bounds = f"""**What the machine allows** (`belfry bench limits`): the disk takes {shown(limits['sync_p50_ms'])} ms to sync one
        entry (fdatasync, half within; 99 % within {shown(limits['sync_p99_ms'])} ms); a bare log with 100 entries in a sync does
        {shown(limits['log_entries_per_s'])} entries/s at {shown(limits['log_entry_cpu_us'])} µs of CPU each; a bare relay between
        two sockets, a read and a write for each message, does {shown(limits['relay_per_s'])} messages/s at
        {shown(limits['relay_cpu_us'])} µs each."""
    parts = [fill(head), fill(same), "Belfry answers a sender when the disk has the message. The others:", notes]
    parts += [fill(clock), chat(rows, "clock"), fill(full), chat(rows, "full")]
    parts += [f"**{args.fast:,} messages a second by the clock**:", chat(rows, "fast")]
    parts += [fill(rest), idle(rows), fill(bounds)]
    return "\n\n".join(parts)


def fill(text):
    """A paragraph in the width of our documents."""
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def choices(parser):
    """What can be chosen of every measurement: whether it is done, and whether it is written."""
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md as it is")
    parser.add_argument("--again", action="store_true", help="measure nothing; write what the last run has found again")


def finish(args, kept, run, text, begin=BEGIN):
    """Measures by `run`, which keeps what it finds as JSON, unless that was done; writes what `text` makes of it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not args.again:
        run(args, kept)
    section = text(json.loads(kept.read_text()))
    if args.no_write:
        print(section)
    else:
        put(ROOT / "docs/performance.md", section, begin)


def put(path, new, begin=BEGIN):
    """Puts the text between the marks of a document; several may end in the same way."""
    old = path.read_text()
    head, rest = old.split(begin)
    _, tail = rest.split(END, 1)
    path.write_text(f"{head}{begin}\n\n{new}\n\n{END}{tail}")
