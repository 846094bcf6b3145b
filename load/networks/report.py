"""What was measured over bad networks, as the section of docs/performance.md.

Rows come in, text leaves. Invariant: an aim that is missed says so, and what was lost or doubled stands in its row.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "side_by_side"))

import table  # noqa: E402: it is beside us, not above

BEGIN = "<!-- ./bench --networks writes from here -->"

NAMES = {"tls": "native long link", "websocket-tls": "WebSocket", "long-poll-tls": "long poll"}

# A LAN, and the bad network that was aimed at: round trip in ms, packets lost each way; 99 % within ms.
LAN, LAN_MS = (0, 0.0), 200
AIMED, AIMED_MS = (300, 0.02), 1000

# What is tried at the server: the least time until the kernel sends again what was not acknowledged; 200 ms by default.
RTO_MIN = "50ms"

losses = table.losses


def cell(row):
    """What a message takes on one link over one network."""
    figures = row["said"]["figures"]
    wrong = losses(row["said"])
    parts = [table.shown(figures[f"delivery_{key}_ms"]) for key in ["p50", "p99", "max"]]
    return " / ".join(parts) + (f"; {wrong}" if wrong else "")


def measured(rows):
    """A table with a line for each network."""
    lines = ["| round trip, lost each way | measured | " + " | ".join(NAMES.values()) + " |", "|---|---|---|---|---|"]
    for key in dict.fromkeys((row["rtt_ms"], row["loss"], row["tuned"]) for row in rows):
        these = {row["door"]: row for row in rows if (row["rtt_ms"], row["loss"], row["tuned"]) == key}
        seen = next(iter(these.values()))["network"]
        name = f"{key[0]} ms, {key[1]:.0%}" + (f", `rto_min {RTO_MIN}` at {key[2]}" if key[2] else "")
        saw = f"{seen['rtt_ms']:.1f} ms, {seen['packets_lost']:.1%}"
        cells = [cell(these[door]) if door in these else "" for door in NAMES]
        lines.append(f"| {name} | {saw} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def aims(rows):
    """What was aimed at, and whether it is met."""
    lines = ["| aim | " + " | ".join(NAMES.values()) + " |", "|---|---|---|---|"]
    wanted = [
        (f"a LAN: 99 % below {LAN_MS} ms", *LAN, LAN_MS),
        (f"{AIMED[0]} ms, {AIMED[1]:.0%}: 99 % below {AIMED_MS / 1000:.0f} s", *AIMED, AIMED_MS),
        ("everywhere: nothing lost, nothing doubled", None, None, None),
    ]
    for name, rtt_ms, loss, most_ms in wanted:
        cells = []
        for door in NAMES:
            these = [row for row in rows if row["door"] == door and not row["tuned"]]
            if most_ms is None:
                wrong = [losses(row["said"]) for row in these if losses(row["said"])]
                cells.append("; ".join(wrong) or "met")
                continue
            row = next(row for row in these if (row["rtt_ms"], row["loss"]) == (rtt_ms, loss))
            value = row["said"]["figures"]["delivery_p99_ms"]
            cells.append(f"{'met' if value < most_ms else '**missed**'}: {table.shown(value)} ms")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def text(whole):
    """All of it, from what a run has left."""
    rows, settings = whole["rows"], whole["settings"]
    messages = sum(row["said"]["figures"]["messages_sent"] for row in rows)
    busy = sorted(row["load"] for row in rows)[len(rows) // 2]
    head = f"""`./bench --networks`, in {whole['took_s'] / 60:.0f} minutes: {settings['pairs']} pairs, in each of which one writes
        {settings['each']:g} message(s) a second by the clock for {settings['seconds']} s, {messages:,.0f} in all. Milliseconds from when
        a message was due until the other client had it: half within / 99 % / slowest. All three links are inside TLS. Load
        average {busy:.1f} (median); server and clients came before other work (`nice -10`)."""
    return "\n\n".join([table.fill(head), measured(rows), aims(rows)])
