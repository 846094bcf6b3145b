#!/usr/bin/env python3
"""Whether the time or the answer of a send tells that the receiver blocks the sender.

Starts a server with two receivers who both know the sender and are both offline, one of whom blocks the sender, sends
to them in random order over HTTP, and prints the area under the ROC curve of the times until the answers: 0.5 says that
the time tells nothing; further from it than 0.03 ends with an error, and so does an answer that differs in anything but
numbers and times. Usage: blocked_timing.py [--sends N] [--seed N] [--belfry PATH]
"""

import argparse
import http.client
import json
import pathlib
import random
import sys
import tempfile
import time

from timing import BOUND, area_under_curve, server_in

PASSWORD = "the right password"


class Device:
    """A device of an account, over one connection."""

    def __init__(self, port, name):
        self.link = http.client.HTTPConnection("127.0.0.1", port)
        self.token = None
        self.token = self.ask("session/add-device", address=f"{name}@localhost", password=PASSWORD, deviceName="x")["token"]

    def ask(self, path, **fields):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.link.request("POST", f"/v1/{path}", json.dumps(fields), headers)
        answer = self.link.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200:
            sys.exit(f"{path} was refused: {said}")
        return said


def shape(said):
    """An answer without what differs between any two sends."""
    return {key: type(value).__name__ for key, value in sorted(said.items())}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sends", type=int, default=2000, help="to each receiver")
    words.add_argument("--seed", type=int, default=20261129)
    words.add_argument("--belfry", type=pathlib.Path, default=pathlib.Path("target/debug/belfry"))
    asked = words.parse_args()
    order = [True] * asked.sends + [False] * asked.sends
    random.Random(asked.seed).shuffle(order)
    settings = '[limits]\nsends = "100000 at once, 100000/s"\nrequests = "100000 at once, 100000/s"\n'
    with tempfile.TemporaryDirectory() as folder, server_in(folder, asked.belfry, settings) as (port, account):
        for name in ("sender", "blocker", "offline"):
            account(name, PASSWORD)
        for name in ("blocker", "offline"):
            receiver = Device(port, name)
            receiver.ask("contact/set", address="sender@localhost")
            receiver.ask("contact/block", address="sender@localhost")
            if name == "offline":
                receiver.ask("contact/unblock", address="sender@localhost")
        sender = Device(port, "sender")
        times, shapes = {True: [], False: []}, {True: set(), False: set()}
        for number, blocked in enumerate(order):
            to = "blocker" if blocked else "offline"
            message = {"to": f"{to}@localhost", "clientMessageId": f"{number:08}", "content": {"kind": "CONTENT_KIND_TEXT", "text": "hello"}}
            began = time.perf_counter()
            said = sender.ask("message/send", **message)
            times[blocked].append(time.perf_counter() - began)
            shapes[blocked].add(json.dumps(shape(said)))
    area = area_under_curve(times[True], times[False])
    middle = [1000 * sorted(times[kind])[asked.sends // 2] for kind in (True, False)]
    print(f"{asked.sends} + {asked.sends} sends: median {middle[0]:.2f} ms to who blocks, {middle[1]:.2f} ms to who is offline; "
          f"area under the curve {area:.3f}")
    if shapes[True] != shapes[False]:
        sys.exit(f"the answers differ: {shapes}")
    if abs(area - 0.5) > BOUND:
        sys.exit(f"the time tells who blocks: {area:.3f} is not 0.5 ± {BOUND}")


if __name__ == "__main__":
    main()
