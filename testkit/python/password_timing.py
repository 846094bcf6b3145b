#!/usr/bin/env python3
"""Whether the time of a refused login tells that an account exists.

Starts a server with some accounts, tries wrong passwords over HTTP in random order against them and against names
that nobody has, and prints the area under the ROC curve: 0.5 says that the time tells nothing; further from it
than 0.03 ends with an error. Usage: password_timing.py [--tries N] [--seed N] [--belfry PATH]
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

# Wrong passwords for one name; the server takes a hundred in a quarter of an hour.
TRIES_EACH = 90


def refused_after(link, name):
    """Seconds until a wrong password is refused."""
    body = json.dumps({"address": f"{name}@localhost", "password": "not the password", "deviceName": "x"})
    began = time.perf_counter()
    link.request("POST", "/v1/session/add-device", body, {"Content-Type": "application/json"})
    answer = link.getresponse()
    said = json.loads(answer.read())
    took = time.perf_counter() - began
    if said.get("code") != "wrong_credentials":
        sys.exit(f"an unexpected answer: {said}")
    return took


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tries", type=int, default=2000, help="of each kind")
    words.add_argument("--seed", type=int, default=20261122)
    words.add_argument("--belfry", type=pathlib.Path, default=pathlib.Path("target/debug/belfry"))
    asked = words.parse_args()
    order = [True] * asked.tries + [False] * asked.tries
    random.Random(asked.seed).shuffle(order)
    settings = "[limits]\nfailed_logins = \"100 at once, 100/15 min\"\n"
    with tempfile.TemporaryDirectory() as folder, server_in(folder, asked.belfry, settings) as (port, account):
        for number in range(asked.tries // TRIES_EACH + 1):
            account(f"somebody{number:04}", "the right password")
        link = http.client.HTTPConnection("127.0.0.1", port)
        there, not_there = [], []
        for exists in order:
            # Names of one length, each as often as the server allows wrong passwords.
            times = there if exists else not_there
            name = "somebody" if exists else "no-one--"
            times.append(refused_after(link, f"{name}{len(times) // TRIES_EACH:04}"))
    area = area_under_curve(there, not_there)
    middle = [1000 * sorted(times)[len(times) // 2] for times in (there, not_there)]
    print(f"{asked.tries} + {asked.tries} wrong passwords: median {middle[0]:.2f} ms where the account exists, "
          f"{middle[1]:.2f} ms where it does not; area under the curve {area:.3f}")
    if abs(area - 0.5) > BOUND:
        sys.exit(f"the time tells whether an account exists: {area:.3f} is not 0.5 ± {BOUND}")


if __name__ == "__main__":
    main()
