"""Belfry on one side of a bad network, in a folder of its own, with accounts.

A program, a network and a number of accounts come in; a running server leaves. Invariant: what is started here ends with the
`with` block.
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "side_by_side"))

import servers  # noqa: E402: they are beside us, not above

import network  # noqa: E402

PORT = 8080
PASSWORD = "bad networks"
NAMES = "p%d"
# Accounts that are made at once: each waits for the disk.
AT_ONCE = 8

# As by default but for limits that a load from one machine would meet, and for passwords that cost little.
SETTINGS = """
[server]
listen = ["{server}:{port}"]
hosts = ["{server}"]
data = "{data}"

[connections]
exempt = ["{client}/32"]
before_login_per_address = 100000

[accounts]
password_rounds = 4096

[contacts]
unanswered = 0

[limits]
sends = "unlimited"
changes = "unlimited"
requests = "unlimited"
requests_by_device = "unlimited"

[sms]
allow_insecure = true

[xmpp]
listen = []

[log]
level = "warn"
"""


class Server(servers.Server):
    """A server that can be reached through a network alone."""

    name = "Belfry"

    def __init__(self, program, folder, net, accounts):
        super().__init__(folder, accounts)
        self.program, self.net = program, net

    def start(self):
        self.config, self.log = self.folder / "belfry.toml", self.folder / "server.log"
        place = {"server": network.SERVER, "client": network.CLIENT, "port": PORT, "data": self.folder / "data"}
        self.config.write_text(SETTINGS.format(**place))
        with open(self.log, "w") as log:
            command = self.net.server.inside([self.program, "serve", "--config", self.config])
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.fingerprint = self.greeting()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for made in pool.map(self.make, range(self.accounts)):
                if made.returncode != 0:
                    raise RuntimeError(f"no account could be made: {made.stderr}")

    def greeting(self):
        """The fingerprint of the certificate that it has made for itself; it says so when it is ready."""
        until = time.monotonic() + servers.START_S
        while time.monotonic() < until:
            said = self.log.read_text()
            found = re.search(r"SHA-256 ([0-9a-fA-F:]+)\n", said)
            if found:
                return found.group(1).replace(":", "")
            if self.process.poll() is not None:
                raise RuntimeError(f"the server left with {self.process.returncode}:\n{said}")
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start in {servers.START_S} s:\n{self.log.read_text()}")

    def last_words(self):
        """What became of it, for an error. Its own log alone: the store's files are called so too."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        return "\n".join([f"the server: {self.process.poll()}", *lines])

    def make(self, number):
        """An account."""
        name = f"{NAMES.replace('%d', str(number))}@localhost"
        command = [self.program, "account", "add", name, "--password-stdin", "--config", self.config]
        return subprocess.run(command, input=f"{PASSWORD}\n", capture_output=True, text=True)

    def arguments(self, door):
        """What names it to `belfry bench`, through whichever door."""
        named = ["--server", f"{network.SERVER}:{PORT}", "--names", NAMES, "--password", PASSWORD]
        return [*named, "--pid", self.process.pid, "--certificate", self.fingerprint]
