"""The figures of growth as the section "As it grows" of docs/performance.md, and its plots.

What was measured comes in, text and SVGs leave. Invariant: nothing stands there that was not measured.
"""

import statistics

import plot
from table import fill, shown

BEGIN = "<!-- ./bench --scale writes from here -->"


def rows(head, lines):
    """A table."""
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(out + ["| " + " | ".join(line) + " |" for line in lines])


def both(pair):
    """Half of them, and 99 %, in µs."""
    return " / ".join(shown(ms * 1000) for ms in pair)


def store(whole):
    """The store by its events."""
    intro = f"""**The store**, messages of 100 bytes between {whole['accounts']:,} accounts, of whom a few write much (the busiest
        hundredth sends and gets a fifth of all); each message is two events, one in each timeline. Started cold means: the system had
        forgotten the files. Reads: the newest 100 messages of a conversation, and 100 events after a cursor anywhere in a
        timeline, half / 99 % of 2,000 within so many µs, the second time they are read; and when nothing is in memory yet.
        An append is a message, from 64 senders at once; its CPU has what compaction it causes in it."""
    head = ["events", "server starts, cold / again", "store opens", "append CPU µs", "page µs", "sync µs"]
    head += ["cold page µs", "cold sync µs", "bytes on disk for an event", "memory MiB after opening / use"]
    lines = []
    for row in whole["store"]:
        start = f"{row['start_cold_s'] * 1000:,.0f} / {row['start_s'] * 1000:,.0f} ms"
        if not row["events"]:
            lines.append(["0", start] + [""] * 8)
            continue
        lines.append(
            [
                f"{row['events']:,}",
                start,
                f"{row['open_ms']:,.0f} ms",
                shown(row["append_cpu_us"]),
                both(row["page_ms"]),
                both(row["sync_ms"]),
                both(row["cold_page_ms"]),
                both(row["cold_sync_ms"]),
                f"{row['bytes_on_disk'] / row['events']:,.0f}",
                f"{row['memory_opened_mib']:,.0f} / {row['memory_used_mib']:,.0f}",
            ]
        )
    return [fill(intro), rows(head, lines), "![What reading and writing cost](plots/scale-store.svg)"]


def lobby(whole):
    """Copies by watchers."""
    intro = """**One message of the lobby to all who watch**, guests on bare links over pipes in memory, one thread, store in
        memory; all know who is there. CPU is that of the whole process for each copy: the session wakes, takes it, makes it
        a frame and writes it; the other end of the pipe only counts. The message itself is among it. When somebody comes,
        all are told who is there, at most four times a second. Joining has the list of who is there made and sorted each
        time; logging in is among it."""
    head = ["sessions", "CPU µs for each copy", "bytes", "until the last one has it, half / 99 % within ms"]
    head += ["somebody comes: CPU µs for each", "bytes", "until the last ms", "CPU µs to join, each"]
    lines = [
        [
            f"{row['sessions']:,.0f}",
            shown(row["copy_cpu_us"]),
            f"{row['copy_bytes']:.0f}",
            f"{shown(row['until_last_p50_ms'])} / {shown(row['until_last_p99_ms'])}",
            shown(row["list_cpu_us"]),
            f"{row['list_bytes']:,.0f}",
            shown(row["list_ms"]),
            shown(row["join_cpu_us"]),
        ]
        for row in whole["lobby"]
    ]
    return [fill(intro), rows(head, lines), "![CPU for each copy](plots/scale-lobby.svg)"]


def sessions(whole):
    """Sessions by their number."""
    intro = """**Sessions at rest**, beyond what a limit of open files lets through: devices of real accounts in an embedded store,
        logged in by a token and told what comes, on bare links over pipes in memory. A pipe and its client, which is no
        task and holds no buffer, are in the memory; what they take by themselves stands beside it. Then 20,000 accounts
        that are offline and as many of the sessions are sent a message each, 256 under way at once: CPU of the thread that
        does all but the store's writing; the difference is what a wake-up costs. Then all are, CPU of the whole process."""
    head = ["sessions", "memory bytes each", "pipe and client bytes each", "login CPU µs"]
    head += ["a message CPU µs, unheard / heard", "wake-up CPU µs", "all: CPU µs each", "all: until the last s"]
    head += ["last told after the last is stored ms"]
    lines = [
        [
            f"{row['sessions']:,}",
            f"{row['memory_bytes_each']:,.0f}",
            f"{row['pipe_bytes_each']:,.0f}",
            shown(row["login_cpu_us"]),
            f"{shown(row['unheard_cpu_us'])} / {shown(row['heard_cpu_us'])}",
            shown(row["heard_cpu_us"] - row["unheard_cpu_us"]),
            shown(row["all_cpu_us"]),
            shown(row["all_s"]),
            shown(row["last_after_ms"]),
        ]
        for row in whole["sessions"]
    ]
    return [fill(intro), rows(head, lines), "![Memory with sessions at rest](plots/scale-sessions.svg)"]


def text(whole):
    """All of it, from what a run has left."""
    parts = {"store": store, "lobby": lobby, "sessions": sessions}
    load = statistics.median(row["load"] for part in parts for row in whole.get(part, []) if "load" in row)
    machine = whole["machine"]
    intro = f"""`./bench --scale`: by `examples/costs` of the release build, each figure from a process of its own, on
        {machine['processors']} processors, Linux {machine['kernel']}; after a measurement {load:.1f} processes wanted to run (load average,
        median), so CPU and bytes hold and times are to be read beside each other."""
    out = [fill(intro)]
    for name, part in parts.items():
        if name in whole:
            out += part(whole)
    return "\n\n".join(out)


def draw(whole, folder):
    """The plots of it."""
    folder.mkdir(exist_ok=True)
    if "store" in whole:
        full = [row for row in whole["store"] if row["events"]]
        lines = [
            ("append, CPU", [(row["events"], row["append_cpu_us"]) for row in full]),
            ("newest page", [(row["events"], row["page_ms"][0] * 1000) for row in full]),
            ("100 after a cursor", [(row["events"], row["sync_ms"][0] * 1000) for row in full]),
        ]
        svg = plot.plot("A message appended, 100 events read", "events in the store", "µs", lines, powers=True)
        (folder / "scale-store.svg").write_text(svg)
    if "lobby" in whole:
        lines = [("each copy", [(row["sessions"], row["copy_cpu_us"]) for row in whole["lobby"]])]
        svg = plot.plot("CPU for one copy of a message of the lobby", "sessions that watch", "µs", lines, powers=True)
        (folder / "scale-lobby.svg").write_text(svg)
    if "sessions" in whole:
        most = max(whole["sessions"], key=lambda row: row["sessions"])
        points = [(0, 0), *((count, grown / 2**30) for count, grown in most["memory_by_sessions"])]
        pipes = [(count, count * most["pipe_bytes_each"] / 2**30) for count, _ in points]
        lines = [("all of it", points), ("pipes and clients", pipes)]
        svg = plot.plot("Memory with sessions at rest", "sessions", "GiB", lines)
        (folder / "scale-sessions.svg").write_text(svg)
