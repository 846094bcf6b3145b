#!/usr/bin/env python3
"""Crash images of the embedded store: what a power cut leaves, again and again.

A file system in a file takes the data directory. A writer appends under load and logs what was acknowledged on
another disk. At a random moment the file system is shut down without flushing its log, as if the power were gone, and
the writer is killed; then the image is mounted anew and the store opened and checked. The same store is cut every
time, so each image holds the history of all cuts before it.

Needs root, a loop device and ext4 tools. Usage: crash_images.py [--images N] [--writer PATH] [--seed N]
"""

import argparse
import fcntl
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time

# ext4's shutdown: _IOR('X', 125, __u32); 2 = nothing more reaches the disk, not even the journal.
EXT4_IOC_SHUTDOWN = 0x8004587D
NOLOGFLUSH = 2


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def shutdown(mount):
    handle = os.open(mount, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
    finally:
        os.close(handle)


def calibrate(image, mount):
    """The cut must lose what was not synced and keep what was, or the images prove nothing."""
    run("mount", "-o", "loop", image, mount)
    with open(mount / "synced", "wb") as file:
        file.write(b"x" * 100_000)
        file.flush()
        os.fsync(file.fileno())
    with open(mount / "unsynced", "wb") as file:
        file.write(b"x" * 100_000)
    shutdown(mount)
    run("umount", mount)
    run("mount", "-o", "loop", image, mount)
    size = lambda name: (mount / name).stat().st_size if (mount / name).exists() else 0
    synced, unsynced = size("synced"), size("unsynced")
    run("umount", mount)
    if (synced, unsynced) != (100_000, 0):
        sys.exit(f"the cut is none: {synced} bytes synced and {unsynced} bytes unsynced are left")
    print("calibrated: a cut keeps what was synced and loses what was not", flush=True)


def cut(writer, image, mount, log, pause):
    """One power cut; returns the line of the check and whether it was good."""
    run("mount", "-o", "loop", image, mount)
    data = mount / "data"
    child = subprocess.Popen([writer, "write", data, log], stderr=subprocess.DEVNULL)
    time.sleep(pause)
    early = child.poll()
    said = log.read_bytes() if log.exists() else b""
    shutdown(mount)
    child.kill()
    child.wait()
    # A machine without power acknowledges nothing more. This one goes on for a moment, in which the file system may
    # answer a sync that was under way with success although it has thrown its journal away.
    if log.exists():
        os.truncate(log, said.rfind(b"\n") + 1)
    run("umount", mount)
    if early is not None:
        return f"the writer ended by itself with {early}", False
    run("mount", "-o", "loop", image, mount)
    try:
        if not log.exists():
            return "killed before the first message", True
        check = subprocess.run([writer, "check", data, log], capture_output=True, text=True)
        return (check.stdout + check.stderr).strip(), check.returncode == 0
    finally:
        run("umount", mount)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description="Power cuts for the embedded store.")
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--size", default="1G", help="size of the file system")
    parser.add_argument("--fresh", type=int, default=10, help="begin with an empty store every so many images")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--writer", default=root / "target/debug/examples/store_writer")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    moments = random.Random(arguments.seed)
    totals = {"acked": 0, "lost": 0, "doubled": 0, "reordered": 0, "holes": 0}
    bad = 0
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        image, mount, log = directory / "image", directory / "mount", directory / "acked"
        mount.mkdir()
        last = {}
        for number in range(arguments.images):
            if number % arguments.fresh == 0:
                for name in totals:
                    totals[name] += last.get(name, 0)
                last = {}
                log.unlink(missing_ok=True)
                image.unlink(missing_ok=True)
                run("truncate", "-s", arguments.size, image)
                run("mkfs.ext4", "-q", image)
                if number == 0:
                    calibrate(image, mount)
            line, good = cut(arguments.writer, image, mount, log, moments.uniform(0.3, 2.0))
            bad += not good
            words = line.split()
            if "acked" in words:
                last = {name: int(words[words.index(name) + 1]) for name in totals}
            print(f"image {number + 1}: {'ok' if good else 'BAD'}: {line}", flush=True)
        for name in totals:
            totals[name] += last.get(name, 0)
    figures = " ".join(f"{name} {count}" for name, count in totals.items())
    print(f"images {arguments.images} bad {bad} {figures}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
