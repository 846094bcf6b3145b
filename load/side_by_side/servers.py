"""The servers that are measured side by side, each in a folder of its own, on loopback, with the same accounts.

A folder and a number of accounts go in; a running server with a port for plain text, a port for TLS and a process leaves.
Settings are those that serve each best at what is measured: no limits of rate, passwords kept as SCRAM-SHA-1 with 4,096
rounds, every message archived, no federation. Invariant: what is started here ends with the `with` block, and no other
process is touched.
"""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

PASSWORD = "bench"
ROUNDS = 4096
START_S = 120

EJABBERD_USER = "ejabberd"
EJABBERD_SCHEMA = "/usr/share/ejabberd/sql/lite.sql"


def free_ports(count):
    """Ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def certificate(folder):
    """A certificate for localhost (ECDSA P-256, as Belfry makes its own): certificate, key, both, and fingerprint."""
    cert, key, both = folder / "cert.pem", folder / "key.pem", folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        + ["-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    both.write_text(cert.read_text() + key.read_text())
    der = subprocess.run(["openssl", "x509", "-in", cert, "-outform", "DER"], check=True, capture_output=True).stdout
    return cert, key, both, hashlib.sha256(der).hexdigest()


class Server:
    """What all have in common."""

    name = "?"
    note = ""
    archive = "its own"

    def __init__(self, folder, accounts):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.accounts = accounts
        self.process = None
        self.pid = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for(self, port):
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"{self.name} left with {self.process.returncode}:\n{self.last_words()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not start in {START_S} s:\n{self.last_words()}")

    def last_words(self):
        logs = sorted(self.folder.rglob("*.log"))
        return "\n".join(line for log in logs for line in log.read_text(errors="replace").splitlines()[-15:])

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def arguments(self, door):
        """What names this server to `belfry bench`."""
        port = self.tls_port if door == "xmpp-tls" else self.port
        named = ["--server", f"127.0.0.1:{port}", "--names", "p%d", "--password", PASSWORD, "--pid", str(self.pid)]
        return named + ["--certificate", self.fingerprint]


class Belfry(Server):
    """Belfry starts a private server by itself, with what it has by default but for limits and rounds."""

    name = "Belfry"

    def start(self):
        pass

    def arguments(self, door):
        return []


class Ejabberd(Server):
    """ejabberd of Debian, its archive in its own database (Mnesia)."""

    name = "ejabberd, Mnesia"
    note = "archive in Mnesia, its default; it does not wait for the disk"
    archive = "mnesia"

    def start(self):
        self.port, self.tls_port, self.api_port, self.node_port = free_ports(4)
        _, _, both, self.fingerprint = certificate(self.folder)
        spool, logs = self.folder / "spool", self.folder / "logs"
        spool.mkdir()
        logs.mkdir()
        (self.folder / "ejabberd.yml").write_text(self.settings(both))
        (self.folder / "inetrc").write_text('{lookup,["file","native"]}.\n{host,{127,0,0,1}, ["localhost"]}.\n')
        # Erlang's own port mapper would be left behind: the node has a port instead.
        (self.folder / "ejabberdctl.cfg").write_text(f"ERL_DIST_PORT={self.node_port}\nINET_DIST_INTERFACE=127.0.0.1\n")
        if self.archive == "sql":
            with sqlite3.connect(spool / "archive.db") as database:
                database.executescript(pathlib.Path(EJABBERD_SCHEMA).read_text())
        for parent in [self.folder, *self.folder.parents]:
            if str(parent).startswith("/tmp/") and parent.owner() != EJABBERD_USER:
                parent.chmod(parent.stat().st_mode | 0o011)
        for path in [self.folder, *self.folder.rglob("*")]:
            shutil.chown(path, EJABBERD_USER, EJABBERD_USER)
        control = ["ejabberdctl", "--config-dir", self.folder, "--logs", logs, "--spool", spool]
        control += ["--node", f"bench{self.node_port}@localhost", "foreground-quiet"]
        with open(self.folder / "console.log", "w") as console:
            # As its own user at once: `su` would take it under the limit of files of a login.
            self.process = subprocess.Popen(
                control,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                cwd=spool,
                env={**os.environ, "HOME": str(spool)},
                user=EJABBERD_USER,
                group=EJABBERD_USER,
                extra_groups=[],
            )
        self.wait_for(self.api_port)
        self.pid = self.beam()
        self.register()

    def settings(self, both):
        archive = "{default: always, db_type: sql}" if self.archive == "sql" else "{default: always}"
        sql = f"sql_type: sqlite\nsql_database: {self.folder}/spool/archive.db\n" if self.archive == "sql" else ""
        return f"""
loglevel: warning
hosts: [localhost]
certfiles: ["{both}"]
auth_password_format: scram
{sql}
listen:
  - {{port: {self.port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true, backlog: 4096}}
  - {{port: {self.tls_port}, ip: "127.0.0.1", module: ejabberd_c2s, tls: true, backlog: 4096}}
  - {{port: {self.api_port}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/api: mod_http_api}}}}
acl: {{loopback: {{ip: ["127.0.0.0/8"]}}}}
api_permissions:
  "bench": {{who: {{access: {{allow: {{acl: loopback}}}}}}, what: ["register"]}}
shaper_rules: {{max_user_sessions: 10, max_user_offline_messages: 1000000}}
modules:
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_http_api: {{}}
  mod_last: {{}}
  mod_mam: {archive}
  mod_offline: {{access_max_user_messages: max_user_offline_messages}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_pubsub: {{plugins: [flat, pep]}}
  mod_roster: {{versioning: true}}
  mod_stream_mgmt: {{}}
  mod_vcard: {{search: false}}
"""

    def beam(self):
        """The process of the Erlang machine: the wrapper's descendant that bears this name."""
        pids, found = [self.process.pid], None
        while pids:
            pid = pids.pop()
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "beam.smp":
                found = pid
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
            pids += [int(child) for child in children.split()]
        if found is None:
            raise RuntimeError("ejabberd runs without an Erlang machine")
        return found

    def register(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.api_port)
        for number in range(self.accounts):
            body = json.dumps({"user": f"p{number}", "host": "localhost", "password": PASSWORD})
            connection.request("POST", "/api/register", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"ejabberd registers nobody: {answer.status} {said!r}")

    def stop(self):
        if self.pid is not None and self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        elif self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class EjabberdSqlite(Ejabberd):
    """The same with its archive in SQLite."""

    name = "ejabberd, SQLite"
    note = "archive in SQLite, which syncs each message"
    archive = "sql"


class Prosody(Server):
    """Prosody of Debian, its archive in files."""

    name = "Prosody, files"
    note = "archive in files, its default; it does not wait for the disk"
    archive = "internal"

    def start(self):
        self.port, self.tls_port = free_ports(2)
        cert, key, _, self.fingerprint = certificate(self.folder)
        data = self.folder / "data"
        accounts = data / "localhost" / "accounts"
        accounts.mkdir(parents=True)
        record = scram_sha1(PASSWORD, b"a salt for all of them")
        for number in range(self.accounts):
            (accounts / f"p{number}.dat").write_text(record)
        (self.folder / "prosody.cfg.lua").write_text(self.settings(cert, key, data))
        with open(self.folder / "console.log", "w") as console:
            self.process = subprocess.Popen(
                ["prosody", "--config", self.folder / "prosody.cfg.lua", "-F"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self.pid = self.process.pid
        self.wait_for(self.port)
        self.wait_for(self.tls_port)

    def settings(self, cert, key, data):
        return f"""
run_as_root = true
pidfile = "{self.folder}/prosody.pid"
data_path = "{data}"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port} }}
c2s_direct_tls_ports = {{ {self.tls_port} }}
s2s_ports = {{ }}
c2s_require_encryption = false
authentication = "internal_hashed"
default_iteration_count = {ROUNDS}
default_storage = "internal"
storage = {{ archive = "{self.archive}" }}
sql = {{ driver = "SQLite3", database = "{data}/archive.sqlite" }}
default_archive_policy = true
archive_expires_after = "never"
gc = {{ mode = "generational" }}
network_settings = {{ tcp_backlog = 4096 }}
ssl = {{ certificate = "{cert}", key = "{key}" }}
modules_disabled = {{ "s2s" }}
modules_enabled = {{
    "roster", "saslauth", "tls", "disco", "blocklist", "bookmarks", "carbons", "csi_simple", "mam", "offline",
    "pep", "ping", "private", "smacks", "vcard4", "vcard_legacy"
}}
log = {{ warn = "{self.folder}/prosody.log" }}
VirtualHost "localhost"
"""


class ProsodySqlite(Prosody):
    """The same with its archive in SQLite."""

    name = "Prosody, SQLite"
    note = "archive in SQLite, which syncs each message"
    archive = "sql"


def scram_sha1(password, salt):
    """An account as Prosody keeps it."""
    salted = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, ROUNDS)
    stored = hashlib.sha1(hmac.digest(salted, b"Client Key", "sha1")).hexdigest()
    server = hmac.digest(salted, b"Server Key", "sha1").hex()
    return (
        f'return {{ ["iteration_count"] = {ROUNDS}; ["salt"] = "{salt.decode()}"; '
        f'["stored_key"] = "{stored}"; ["server_key"] = "{server}"; }};\n'
    )


def versions():
    """What Debian calls what is installed."""
    found = {}
    for package in ["ejabberd", "prosody"]:
        asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
        found[package] = asked.stdout.strip() or "not installed"
    return found
