#!/usr/bin/env python3
"""Whether the time of a refused login tells that an account exists.

Starts a server with some accounts, tries wrong passwords (over HTTP, or over XMPP by SASL or SASL2; or wrong tokens by
FAST; or only asks for the challenge of SCRAM) in random order against them and against names
that nobody has, and prints the area under the ROC curve: 0.5 says that the time tells nothing; further from it
than 0.03 ends with an error. Usage: password_timing.py [--over http|sasl|sasl2|fast|scram] [--tries N] [--seed N] [--belfry PATH]
"""

import argparse
import base64
import http.client
import json
import pathlib
import random
import socket
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


STREAM = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"

SASL2 = "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{}'><initial-response>{}</initial-response>{}</authenticate>"

# What is said over XMPP, what is in the answer, and with what that ends.
OVER_XMPP = {
    "sasl": ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{1}</auth>", "not-authorized", "</failure>"),
    "sasl2": (SASL2.format("PLAIN", "{1}", ""), "not-authorized", "</failure>"),
    "fast": (SASL2.format("HT-SHA-256-NONE", "{2}", "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/><fast xmlns='urn:xmpp:fast:0'/>"),
             "credentials-expired", "</failure>"),
    "scram": ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>{3}</auth>", "<challenge", "</challenge>"),
}


def said_until(link, end):
    said = ""
    while end not in said:
        piece = link.recv(65536)
        if not piece:
            sys.exit(f"the server has ended the stream: {said}")
        said += piece.decode()
    return said


def refused_over_xmpp_after(port, name, way):
    """The same over a stream of its own; what comes before the login is not in the time."""
    words, expected, end = OVER_XMPP[way]
    plain = base64.b64encode(f"\0{name}\0not the password".encode()).decode()
    token = base64.b64encode(f"{name}\0".encode() + bytes(32)).decode()
    first = base64.b64encode(f"n,,n={name},r=fyko+d2lbbFgONRv9qkxdawL".encode()).decode()
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(STREAM.encode())
        said_until(link, "</stream:features>")
        began = time.perf_counter()
        link.sendall(words.format("", plain, token, first).encode())
        said = said_until(link, end)
        took = time.perf_counter() - began
    if expected not in said:
        sys.exit(f"an unexpected answer: {said}")
    return took


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--over", choices=["http", *OVER_XMPP], default="http")
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
            name = f"{name}{len(times) // TRIES_EACH:04}"
            times.append(refused_after(link, name) if asked.over == "http" else refused_over_xmpp_after(port, name, asked.over))
    area = area_under_curve(there, not_there)
    middle = [1000 * sorted(times)[len(times) // 2] for times in (there, not_there)]
    print(f"{asked.tries} + {asked.tries} tries over {asked.over}: median {middle[0]:.2f} ms where the account exists, "
          f"{middle[1]:.2f} ms where it does not; area under the curve {area:.3f}")
    if abs(area - 0.5) > BOUND:
        sys.exit(f"the time tells whether an account exists: {area:.3f} is not 0.5 ± {BOUND}")


if __name__ == "__main__":
    main()
