"""XMPP clients as Debian has them, driven without a person: Profanity in a terminal of tmux, and go-sendxmpp. Each sends
to a native device; Profanity shows what a native device sends. go-sendxmpp 0.5 is not asked to listen: it crashes (nil
pointer, stanzahandling.go:63) at any request without a <query/>, so at the first ping of a server.

A client that is not installed is skipped, unless BELFRY_CLIENTS is set, as ./test does. Every wait has a time-out.
"""

import contextlib
import os
import shutil
import subprocess
import time
import uuid

import pytest

from test_client import server  # noqa: F401  (a fixture)
from test_xmpp import PASSWORD, TIMEOUT, names, native_says, native_texts  # noqa: F401  (names is a fixture)


def installed(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    if missing and not os.environ.get("BELFRY_CLIENTS"):
        pytest.skip(f"not installed: {', '.join(missing)}")
    assert not missing, f"not installed: {', '.join(missing)}"


def until(what, so):
    """Waits until it is so."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        if so():
            return
        time.sleep(0.05)
    raise TimeoutError(what)


class Terminal:
    """Profanity in a terminal without a screen."""

    def __init__(self, server, name, home):  # noqa: F811
        self.socket = f"belfry-{uuid.uuid4().hex[:8]}"
        data = home / "data" / "profanity"
        data.mkdir(parents=True)
        (home / "config").mkdir()
        (data / "accounts").write_text(
            f"[{name}@example.org]\nenabled=true\njid={name}@example.org\nresource=profanity\nserver=127.0.0.1\n"
            f"port={server.port}\npassword={PASSWORD}\ntls.policy=trust\npresence.last=online\npresence.login=online\n"
        )
        environment = {**os.environ, "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
                       "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "50",
                  f"profanity -a {name}@example.org", env=environment)

    def tmux(self, *arguments, env=None):
        done = subprocess.run(["tmux", "-L", self.socket, *arguments], env=env, capture_output=True, text=True, timeout=TIMEOUT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def sees(self, words):
        try:
            until(words, lambda: words in self.screen())
        except TimeoutError:
            raise AssertionError(f"{words!r} is not on the screen:\n{self.screen()}") from None

    def types(self, words):
        self.tmux("send-keys", "-l", words)
        self.tmux("send-keys", "Enter")

    def stop(self):
        with contextlib.suppress(AssertionError):
            self.tmux("kill-server")


def test_profanity_chats_with_a_native_device(server, names, tmp_path):  # noqa: F811
    installed("profanity", "tmux")
    carol = server.register(f"carol-{uuid.uuid4().hex[:8]}")
    terminal = Terminal(server, names[0], tmp_path)
    try:
        terminal.sees(f"{names[0]}@example.org/profanity logged in successfully")
        terminal.types(f"/msg {carol.address} hello from the terminal")
        assert native_texts(carol, 1) == [(f"{names[0]}@example.org", "hello from the terminal")]
        native_says(carol, f"{names[0]}@example.org", "hello terminal <here>")
        terminal.sees("hello terminal <here>")
        terminal.types("and again")
        assert native_texts(carol, 3)[-1] == (f"{names[0]}@example.org", "and again")
        terminal.types("/roster add dave@example.org")
        terminal.types("/quit")
    finally:
        terminal.stop()


def sendxmpp(server, name, *arguments, **options):  # noqa: F811
    common = ["go-sendxmpp", "-n", "-u", f"{name}@example.org", "-p", PASSWORD, "-j", f"127.0.0.1:{server.port}"]
    return subprocess.Popen([*common, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, **options)


@pytest.mark.parametrize("tls", [[], ["-t"]], ids=["starttls", "tls"])
def test_go_sendxmpp_sends_to_a_native_device(server, names, tls):  # noqa: F811
    installed("go-sendxmpp")
    carol = server.register(f"carol-{uuid.uuid4().hex[:8]}")
    sender = sendxmpp(server, names[0], *tls, carol.address)
    said, _ = sender.communicate("hello from a script\n", timeout=TIMEOUT)
    assert sender.returncode == 0, said
    ((author, text),) = native_texts(carol, 1)
    assert (author, text.strip()) == (f"{names[0]}@example.org", "hello from a script")
