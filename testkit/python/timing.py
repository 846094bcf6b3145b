"""What the scripts share that measure whether times tell something: a server of their own, and the area under the curve."""

import pathlib
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

# Further from 0.5 than this, an area under the curve says that the time tells something.
BOUND = 0.03


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(port, server):
    for _ in range(200):
        if server.poll() is not None:
            sys.exit("the server did not start")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("the server did not listen within ten seconds")


@contextmanager
def server_in(folder, belfry, settings, exempt="127.0.0.0/8"):
    """A server whose data is in `folder`, with these lines of configuration, and no limits by address for `exempt`; gives its
    port and a function that makes an account."""
    port = free_port()
    config = pathlib.Path(folder, "belfry.toml")
    config.write_text(
        f'[server]\nlisten = ["127.0.0.1:{port}"]\ndata = "{folder}/data"\n'
        f'[connections]\nexempt = ["{exempt}"]\n[metrics]\nlisten = ""\n{settings}'
    )
    server = subprocess.Popen([belfry, "serve", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def account(name, password):
        add = [belfry, "account", "add", f"{name}@localhost", "--password-stdin", "--config", config]
        subprocess.run(add, check=True, stdout=subprocess.DEVNULL, input=f"{password}\n".encode())

    try:
        wait_until_ready(port, server)
        yield port, account
    finally:
        server.terminate()
        server.wait()


def area_under_curve(one, other):
    """Probability that a value of `one` is above one of `other`; ties count half."""
    ranked = sorted([(value, 1) for value in one] + [(value, 0) for value in other])
    rank_sum, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        rank_sum += sum(mine for _, mine in ranked[at:end]) * (at + 1 + end) / 2
        at = end
    return (rank_sum - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))
