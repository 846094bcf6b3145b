#!/usr/bin/env python3
"""How many of 100,000 phone numbers somebody finds out about in an hour, and whether answers or times tell more.

First part: a server with its default limits and some accounts that were registered by phone without a name, so that their
numbers are their names too. One account, and then a second one from the same address, asks about number after number
through every operation that takes an address, as fast as it can, for some seconds. Printed is how many numbers they got
an answer about, what that makes in an hour by the waiting times they are told, and whether refusals differ for numbers
that have an account. More than the limits allow ends with an error.

Second part: a server without those limits. Numbers that have no account, and numbers whose owners do not want to be found
by them, are looked for in random order: the answers must be the same bytes, and the area under the ROC curve of the times
must be 0.5 within 0.03. Usage: enumerate_numbers.py [--seconds N] [--finds N] [--seed N] [--belfry PATH]
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

NUMBERS = 100_000

# The limit of the server: so many at once, and then so many in a day, for an account and for an address.
AT_ONCE, A_DAY = 50, 1_000

OPERATIONS = ["contact/find", "account/exists", "account/get-profile", "account/get-picture", "message/send", "contact/request", "contact/block"]


def number_of(place):
    return f"+4915{100_000_000 + place}"


class Client:
    """Somebody with one connection, and a token once they have registered."""

    def __init__(self, port):
        self.link = http.client.HTTPConnection("127.0.0.1", port)
        self.token = None

    def ask(self, path, **fields):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.link.request("POST", f"/v1/{path}", json.dumps(fields), headers)
        answer = self.link.getresponse()
        return answer.status, answer.read()

    def register(self, number, texts):
        status, said = self.ask("register/request-pin", phone=number)
        if status != 200:
            sys.exit(f"no PIN for {number}: {said}")
        lines = [json.loads(line) for line in texts.read_text().splitlines()]
        pin = [line["text"] for line in lines if line["to"] == number][-1].split()[0]
        status, said = self.ask("register/verify-pin", phone=number, pin=pin, deviceName="x")
        if status != 200:
            sys.exit(f"not registered: {said}")
        self.token = json.loads(said)["token"]
        return self


def question(path, place, turn):
    """Asks about a number in one of the ways there are."""
    number = number_of(place)
    address = f"{number[1:]}@localhost"
    if path == "contact/find":
        return {"query": number if turn % 2 else address}
    if path == "message/send":
        return {"to": address, "clientMessageId": str(place), "content": {"kind": "CONTENT_KIND_TEXT", "text": "hello"}}
    return {"address": address, **({"pictureId": "0" * 32} if path == "account/get-picture" else {})}


def attack(client, places, there, seconds):
    """Numbers about which there was an answer, the longest wait for another, and the refusals where there is an account and
    where there is none."""
    learned, wait_ms, refusals, asked = set(), 0, {True: set(), False: set()}, 0
    began = time.monotonic()
    for turn, place in enumerate(places):
        if time.monotonic() - began > seconds:
            break
        path = OPERATIONS[turn % len(OPERATIONS)]
        status, said = client.ask(path, **question(path, place, turn))
        asked += 1
        said = json.loads(said)
        if said.get("code") == "rate_limited":
            why = said["message"].split(";")[0]
            refusals[place in there].add((path, status, why))
            if "addresses asked about" in why:
                wait_ms = max(wait_ms, int(said["retryAfterMs"]))
        else:
            learned.add(place)
    return learned, wait_ms, refusals, asked, time.monotonic() - began


def first_part(asked, folder):
    texts = pathlib.Path(folder, "sms.txt")
    # All limits but those of registering, so that there are more accounts than one may ask about.
    unlimited = "".join(f'{name} = "unlimited"\n' for name in ("pins_by_address", "pin_tries_by_address", "requests_before_login"))
    settings = f'[sms]\nadapter = "file"\nfile = "{texts}"\n[limits]\n{unlimited}'
    with server_in(folder, asked.belfry, settings, exempt="192.0.2.1/32") as (port, _):
        attackers = [Client(port).register("+49301234567", texts), Client(port).register("+49301234568", texts)]
        there = random.Random(asked.seed).sample(range(NUMBERS), 3 * AT_ONCE)
        for place in there:
            Client(port).register(number_of(place), texts)
        places = list(range(NUMBERS))
        random.Random(asked.seed + 1).shuffle(places)
        # Numbers with an account are mixed in often, so that a difference would show.
        mixed = [place if turn % 3 else there[turn // 3 % len(there)] for turn, place in enumerate(places)]
        total, seconds = set(), 0.0
        for name, attacker in zip(("one account", "a second account at the same address"), attackers):
            attacker.link.close()  # the server has closed one that was silent; the next question opens it anew
            learned, wait_ms, refusals, questions, took = attack(attacker, mixed, set(there), asked.seconds)
            total |= learned
            seconds += took
            print(f"{name}: {questions} questions in {took:.0f} s, answers about {len(learned)} numbers; "
                  f"the next after {wait_ms / 1000:.0f} s at most")
            if refusals[True] != refusals[False]:
                sys.exit(f"refusals differ: {refusals[True] ^ refusals[False]}")
        hour = len(total) + int((3600 - seconds) * A_DAY / 86_400)
        print(f"together {len(total)} of {NUMBERS} numbers, which makes {hour} in an hour")
        if len(total) > AT_ONCE + seconds * A_DAY / 86_400 + 1:
            sys.exit("that is more than the limits allow")


def second_part(asked, folder):
    texts = pathlib.Path(folder, "sms.txt")
    unlimited = "".join(f'{name} = "unlimited"\n' for name in ("look_ups", "requests", "requests_by_device", "pins"))
    settings = f'[sms]\nadapter = "file"\nfile = "{texts}"\n[limits]\n{unlimited}'
    with server_in(folder, asked.belfry, settings) as (port, _):
        seeker = Client(port).register("+49301234567", texts)
        hidden = [number_of(place) for place in range(20)]
        for number in hidden:
            owner = Client(port).register(number, texts)
            status, said = owner.ask("account/set-privacy", foundByPhone="AUDIENCE_NOBODY")
            if status != 200:
                sys.exit(f"not hidden: {said}")
        nobody = [number_of(place) for place in range(50_000, 50_020)]
        order = [True] * asked.finds + [False] * asked.finds
        random.Random(asked.seed).shuffle(order)
        times, answers = {True: [], False: []}, {True: set(), False: set()}
        for there in order:
            number = (hidden if there else nobody)[len(times[there]) % 20]
            began = time.perf_counter()
            answer = seeker.ask("contact/find", query=number)
            times[there].append(time.perf_counter() - began)
            answers[there].add(answer)
    area = area_under_curve(times[True], times[False])
    middle = [1000 * sorted(times[kind])[asked.finds // 2] for kind in (True, False)]
    print(f"{asked.finds} + {asked.finds} look-ups: median {middle[0]:.2f} ms where the owner does not want to be found, "
          f"{middle[1]:.2f} ms where there is nobody; area under the curve {area:.3f}")
    if answers[True] != answers[False] or len(answers[True]) != 1:
        sys.exit(f"the answers differ: {answers}")
    if abs(area - 0.5) > BOUND:
        sys.exit(f"the time tells whether a number has an account: {area:.3f} is not 0.5 ± {BOUND}")


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=20, help="of asking by each account")
    words.add_argument("--finds", type=int, default=1000, help="of each kind")
    words.add_argument("--seed", type=int, default=20261129)
    words.add_argument("--belfry", type=pathlib.Path, default=pathlib.Path("target/debug/belfry"))
    asked = words.parse_args()
    for part in (first_part, second_part):
        with tempfile.TemporaryDirectory() as folder:
            part(asked, folder)


if __name__ == "__main__":
    main()
