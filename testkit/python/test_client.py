"""Tests of the Python client against the document's golden vectors and against a running server.

The server is the binary named by BELFRY_BIN, or target/debug/belfry of this checkout. It is started once, on free
loopback ports with a data directory of its own, and stopped at the end. Every socket and every wait has a time-out.
"""

import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import threading
import time
import urllib.request

import pytest

from belfry_client import (
    ALTERNATE, BARE, FIRST, IK, MAGIC, OPERATIONS, XX, DeviceKey, Frame, Handshake, Link, LinkClosed, ProtocolError,
    Refused, Stream, decode, encode, place, preamble, read_frame,
)

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = (HERE / "../../docs/protocol.md").resolve()
TIMEOUT = 20.0
TEXT = 1


# ---------------------------------------------------------------------------------------------- the server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, directory: pathlib.Path):
        binary = os.environ.get("BELFRY_BIN") or str((HERE / "../../target/debug/belfry").resolve())
        self.port, self.metrics_port = free_port(), free_port()
        self.binary, self.data = binary, directory / "data"
        self.sms = directory / "sms.jsonl"
        self.log = open(directory / "log.txt", "wb")
        self.phones = 0
        config = self.config = directory / "belfry.toml"
        config.write_text(
            f"""
[server]
domain = "example.org"
listen = ["127.0.0.1:{self.port}"]
data = {json.dumps(str(directory / "data"))}
[connections]
exempt = ["127.0.0.0/8"]
[sms]
adapter = "file"
file = {json.dumps(str(self.sms))}
[contacts]
unanswered = 0

[limits]
sends = "unlimited"
changes = "unlimited"
history = "unlimited"
requests = "unlimited"
requests_by_device = "unlimited"
[metrics]
listen = "127.0.0.1:{self.metrics_port}"
[xmpp]
listen = []
"""
        )
        self.process = subprocess.Popen(
            [binary, "serve", "--config", str(config)], cwd=directory, stdout=self.log, stderr=self.log
        )
        self._wait_until_ready(directory)

    def _wait_until_ready(self, directory: pathlib.Path) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/readyz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError("the server did not start:\n" + (directory / "log.txt").read_text())

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)
        self.log.close()

    def link(self, key=None, channel=XX, framing=FIRST, server_key=None, port=None) -> Link:
        return Link.connect("127.0.0.1", port or self.port, channel, framing, key, server_key, TIMEOUT)

    def stream(self, channel=XX, framing=FIRST, key=None) -> Stream:
        """A stream without the client's good manners, to send what a client must not."""
        sock = self.socket()
        return Stream(sock, channel, framing, key or DeviceKey.generate())

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), TIMEOUT)

    def pin(self, phone: str) -> str:
        """The newest PIN that was sent to a phone."""
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            lines = self.sms.read_text().splitlines() if self.sms.exists() else []
            texts = [sms["text"] for sms in map(json.loads, lines) if sms["to"] == phone]
            if texts:
                return re.search(r"\b\d{5,8}\b", texts[-1]).group()
            time.sleep(0.02)
        raise TimeoutError("no PIN came")

    def register(self, name: str) -> "Person":
        self.phones += 1
        phone = f"+4915700{self.phones:06}"
        key = DeviceKey.generate()
        with self.link(key) as link:
            asked = link.call("REQUEST_PIN", phone=phone)
            pin = self.pin(phone)
            assert asked["digits"] == len(pin)
        with self.link(key) as link:
            credentials = link.call("VERIFY_PIN", phone=phone, pin=pin, name=name, device_name="test")
            return Person(self, key, link.server_key, credentials)


class Person:
    """A registered device: its key, the server's pinned key, its credentials."""

    def __init__(self, server, key, server_key, credentials):
        self.server, self.key, self.server_key, self.credentials = server, key, server_key, credentials
        self.address = credentials["address"]

    def login(self, **how) -> Link:
        link = self.server.link(self.key, how.pop("channel", IK), server_key=self.server_key, **how)
        link.call("LOGIN", client="python test")
        return link


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("belfry"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def alice(server):
    return server.register("alice")


@pytest.fixture(scope="session")
def bob(server):
    return server.register("bob")


class Relay:
    """Passes one connection on, keeps all bytes, and lets a test touch what the client sends."""

    def __init__(self, port: int):
        self.bytes, self.touch = bytearray(), lambda data: data
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        with self._listener, self._listener.accept()[0] as client:
            with socket.create_connection(("127.0.0.1", self._target), TIMEOUT) as server:
                client.settimeout(TIMEOUT)
                back = threading.Thread(target=self._pump, args=(server, client, lambda data: data), daemon=True)
                back.start()
                self._pump(client, server, lambda data: self.touch(data))
                back.join(TIMEOUT)

    def _pump(self, source, target, touch):
        try:
            while data := source.recv(65_536):
                data = touch(data)
                self.bytes += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def text(words: str) -> dict:
    return {"kind": TEXT, "text": words}


def next_notify(link: Link) -> dict:
    told = link.next_told()
    assert told.name == "NOTIFY", told
    return told.body


def sync_to_the_end(link: Link, key: dict | None = None, subscribe=False) -> tuple[list, dict]:
    events, more = [], True
    while more:
        answer = link.call("SYNC", key=key, limit=7, subscribe=subscribe and not more)
        events += answer["events"]
        key, more = answer["key"], answer["more"]
    if subscribe:
        answer = link.call("SYNC", key=key, subscribe=True)
        assert not answer["events"] and not answer["more"]
        key = answer["key"]
    return events, key


def going_away(stream: Stream) -> dict:
    """Reads to the end of a link; what the server gave as its reason."""
    reason = None
    try:
        while True:
            frame = read_frame(stream.read_exactly, stream.framing)
            if frame.operation == OPERATIONS["GOING_AWAY"][0]:
                assert frame.seq_id == 0 and reason is None
                reason = decode("GoingAway", frame.body)
    except LinkClosed:
        pass
    finally:
        stream.sock.close()
    assert reason is not None, "the link ended without a word"
    return reason


def read_all(sock: socket.socket) -> bytes:
    data = b""
    with sock:
        while part := sock.recv(4096):
            data += part
    return data


# ---------------------------------------------------------------------------------------------- golden vectors


def golden() -> str:
    return DOCUMENT.read_text().split("## 14. Golden vectors")[1].split("## 15.")[0]


def noise_vectors() -> dict:
    return {name: bytes.fromhex(value) for name, value in re.findall(r"((?:xx|ik) [a-z0-9 ]+) = ([0-9a-f]+)", golden())}


def plain_vectors() -> list[bytes]:
    """All lines of the section that are nothing but hexadecimal, in their order."""
    return [bytes.fromhex(line) for line in re.findall(r"^    ([0-9a-f]+)$", golden(), re.M)]


SEND_BODY = {"to": "bob@example.org", "client_message_id": "m-1", "content": {"kind": TEXT, "text": "Hi, Bob"}}


def test_the_preamble_heartbeat_and_frames_are_those_of_the_document():
    vectors = plain_vectors()
    assert len(vectors) == 14
    assert preamble() == vectors[0]
    assert MAGIC + bytes([0, 1, 1, 1]) == vectors[1]
    assert Frame(2, 1).to_bytes(FIRST) == vectors[2] and len(vectors[2]) == 16
    assert Frame(2, 1).to_bytes(ALTERNATE) == vectors[3] and len(vectors[3]) == 20
    body = encode("SendRequest", SEND_BODY)
    assert body == vectors[4]
    assert Frame(20, 3, body).to_bytes(FIRST) == vectors[5]
    assert Frame(20, 3, body).to_bytes(FIRST, b"\xee" * 8) == vectors[6]
    assert Frame(20, 3, body).to_bytes(ALTERNATE) == vectors[7]


def test_frames_of_the_document_are_read_back():
    vectors = plain_vectors()
    for at, framing in ((5, FIRST), (6, FIRST), (7, ALTERNATE)):
        rest = bytearray(vectors[at])

        def take(count):
            part = bytes(rest[:count])
            del rest[:count]
            return part

        frame = read_frame(take, framing)
        assert (frame.operation, frame.seq_id, rest) == (20, 3, b"")
        message = decode("SendRequest", frame.body)
        assert (message["to"], message["content"]["text"]) == ("bob@example.org", "Hi, Bob")


@pytest.mark.parametrize("channel, name, prologue_at", [(XX, "xx", 12), (IK, "ik", 13)])
def test_noise_with_the_fixed_keys_gives_the_bytes_of_the_document(channel, name, prologue_at):
    vectors, plain = noise_vectors(), plain_vectors()
    client_static, server_static, client_ephemeral, server_ephemeral = (
        DeviceKey(bytes([byte]) * 32) for byte in (0x11, 0x22, 0x33, 0x44)
    )
    keys = [client_static, server_static, client_ephemeral, server_ephemeral]
    assert [key.public for key in keys] == plain[8:12]
    prologue = preamble(FIRST, channel) + plain[1]
    assert prologue == plain[prologue_at]
    known = server_static.public if channel == IK else None
    client = Handshake(channel, prologue, client_static, True, known, client_ephemeral)
    server = Handshake(channel, prologue, server_static, False, None, server_ephemeral)
    writer, reader, number = client, server, 1
    while client.messages:
        message = writer.write()
        assert message == vectors[f"{name} message {number}"]
        reader.read(message[2:])
        writer, reader, number = reader, writer, number + 1
    assert client.remote_static == server_static.public and server.remote_static == client_static.public
    client_send, client_receive = client.split()
    server_send, server_receive = server.split()
    heartbeat = Frame(2, 1).to_bytes()
    for side, send, receive in (("client", client_send, server_receive), ("server", server_send, client_receive)):
        sealed = send.seal(heartbeat)
        assert struct.pack(">H", len(sealed)) + sealed == vectors[f"{name} first record of the {side}"]
        assert receive.open(sealed) == heartbeat


def test_a_key_of_low_order_ends_the_handshake():
    with pytest.raises(ProtocolError):
        DeviceKey(b"\x11" * 32).agree(bytes(32))


def test_unknown_fields_of_a_body_are_skipped():
    extra = bytes.fromhex("f80601") + bytes.fromhex("fa0603616263") + bytes.fromhex("fd0601020304")
    assert decode("Error", extra + encode("Error", {"code": "x"}))["code"] == "x"


# ---------------------------------------------------------------------------------------------- who is there


def test_a_phone_registers_over_xx_and_logs_in_by_ik_with_its_key(server, alice):
    assert alice.address == "alice@example.org"
    assert alice.credentials["primary"] and not alice.credentials["replaced"]
    assert alice.credentials["device_secret"] and alice.credentials["token"]
    assert len(alice.server_key) == 32
    with server.link(alice.key, IK, server_key=alice.server_key) as link:
        reply = link.call("LOGIN", client="python test")
        assert reply["address"] == alice.address and reply["device_id"] == alice.credentials["device_id"]
        assert reply["idle_ms"] == 600_000 and reply["frame_bytes_max"] == 1_048_576 and not reply["guest"]
        assert reply["inline_bytes_max"] == 65_536
        with pytest.raises(Refused):
            link.call("LOGIN")  # a link logs in once
        assert link.call("ACCOUNT_EXISTS", address=alice.address)["exists"]
        assert not link.call("ACCOUNT_EXISTS", address="nobody@example.org")["exists"]


def test_a_key_that_belongs_to_no_device_does_not_log_in(server, alice):
    with server.link(DeviceKey.generate(), IK, server_key=alice.server_key) as link:
        with pytest.raises(Refused) as refused:
            link.call("SYNC")
        assert refused.value.code == "unauthenticated"
        with pytest.raises(Refused) as refused:
            link.call("LOGIN")
        assert refused.value.code == "unauthenticated"


def test_ik_with_another_servers_key_fails_without_a_word(server, alice):
    with pytest.raises(LinkClosed):
        server.link(alice.key, IK, server_key=DeviceKey.generate().public)


def test_xx_again_shows_the_same_server_key(server, alice):
    with server.link(alice.key, XX, server_key=alice.server_key) as link:
        assert link.call("LOGIN")["address"] == alice.address


def test_a_wrong_pin_is_refused(server):
    phone = "+4915799000001"
    with server.link(DeviceKey.generate()) as link:
        link.call("REQUEST_PIN", phone=phone)
        wrong = "000000" if server.pin(phone) != "000000" else "000001"
        with pytest.raises(Refused) as refused:
            link.call("VERIFY_PIN", phone=phone, pin=wrong, name="mallory")
        assert refused.value.code == "pin_wrong"


def test_the_older_link_of_a_device_is_superseded(alice):
    with alice.login() as older, alice.login() as newer:
        assert older.next_told().body["code"] == "superseded"
        assert older.ended.wait(TIMEOUT)
        newer.call("HEARTBEAT")


def test_a_plain_channel_on_loopback_takes_an_access_token(server, alice):
    with server.link(channel=BARE) as link:
        secret = {name: alice.credentials[name] for name in ("address", "device_id", "device_secret")}
        sold = link.call("TOKEN", **secret)
        assert sold["token"] and sold["expires_in_ms"] == 15 * 60_000
        with pytest.raises(Refused) as refused:
            link.call("TOKEN", **{**secret, "device_secret": "not it"})
        assert refused.value.code == "wrong_credentials"
        assert link.call("LOGIN", token=sold["token"])["address"] == alice.address
        link.call("HEARTBEAT")


# ---------------------------------------------------------------------------------------------- talking


def test_two_clients_talk_both_ways_and_see_ticks(alice, bob):
    with alice.login() as at_alice, bob.login() as at_bob:
        _, alice_key = sync_to_the_end(at_alice, subscribe=True)
        _, bob_key = sync_to_the_end(at_bob, subscribe=True)

        sent = at_alice.call("SEND", to=bob.address, client_message_id="talk-1", content=text("Hi, Bob"))
        assert not sent["duplicate"] and sent["cseq"] >= 1
        assert place(sent["previous"]) == place(alice_key) != place(sent["key"])
        alice_key = sent["key"]

        notify = next_notify(at_bob)
        assert place(notify["previous"]) == place(bob_key) != place(notify["key"])
        bob_key = notify["key"]
        (event,) = notify["events"]
        message = event["message"]
        assert (message["conversation_id"], message["cseq"]) == (sent["conversation_id"], sent["cseq"])
        assert (message["from"], message["to"]) == (alice.address, bob.address)
        assert message["content"]["text"] == "Hi, Bob" and message["client_message_id"] == ""
        assert message["sent_at_ms"] == sent["sent_at_ms"]

        at_bob.call("ACK", passed=bob_key)
        receipt = told_receipt(at_alice, lambda receipt: receipt["delivered_cseq"] >= sent["cseq"])
        assert receipt["peer"] == bob.address and receipt["read_cseq"] < sent["cseq"]
        assert receipt["conversation_id"] == sent["conversation_id"]

        at_bob.call("MARK_READ", conversation_id=sent["conversation_id"], read_cseq=sent["cseq"])
        receipt = told_receipt(at_alice, lambda receipt: receipt["read_cseq"] >= sent["cseq"])
        assert receipt["peer"] == bob.address

        back = at_bob.call("SEND", to=alice.address, client_message_id="talk-2", content=text("Hi, Alice ☺"))
        assert back["conversation_id"] == sent["conversation_id"] and back["cseq"] == sent["cseq"] + 1
        told = told_event(at_alice, lambda event: event["message"] and event["message"]["from"] == bob.address)
        assert told["message"]["content"]["text"] == "Hi, Alice ☺"

        page = at_alice.call("HISTORY", peer=bob.address, limit=2)
        assert [message["content"]["text"] for message in page["messages"]] == ["Hi, Bob", "Hi, Alice ☺"]


def told_event(link: Link, wanted) -> dict:
    """Follows what a link is told, each NOTIFY beginning where the one before ended, up to the wanted event."""
    before = None
    while True:
        notify = next_notify(link)
        assert before is None or place(notify["previous"]) == place(before)
        before = notify["key"]
        for event in notify["events"]:
            if wanted(event):
                return event


def told_receipt(link: Link, wanted) -> dict:
    return told_event(link, lambda event: event["receipt"] and wanted(event["receipt"]))["receipt"]


def test_a_repeated_send_id_is_one_message(alice, bob):
    with alice.login() as link:
        request = {"to": bob.address, "client_message_id": "once", "content": text("only once")}
        first, again = link.call("SEND", **request), link.call("SEND", **request)
        assert not first["duplicate"] and again["duplicate"]
        assert all(first[name] == again[name] for name in ("conversation_id", "cseq", "sent_at_ms"))
        with pytest.raises(Refused) as refused:
            link.call("SEND", **{**request, "content": text("something else")})
        assert refused.value.code == "conflict"
    with bob.login() as link:
        events, _ = sync_to_the_end(link)
        texts = [event["message"]["content"]["text"] for event in events if event["message"]]
        assert texts.count("only once") == 1 and "something else" not in texts


def test_messages_of_the_time_away_come_in_order_by_paging(server):
    carol, dave = server.register("carol"), server.register("dave")
    with carol.login() as link:
        waiting = [
            link.submit("SEND", to=dave.address, client_message_id=f"away-{n}", content=text(f"number {n}"))
            for n in range(30)
        ]
        sent = [future.result(TIMEOUT) for future in waiting]
        assert [reply["cseq"] for reply in sent] == list(range(1, 31))
    with dave.login() as link:
        events, key = sync_to_the_end(link)
        assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})
        messages = [event["message"] for event in events if event["message"]]
        assert [message["content"]["text"] for message in messages] == [f"number {n}" for n in range(30)]
        assert [message["cseq"] for message in messages] == list(range(1, 31))
        # The same key once more brings nothing; an old key brings the same again.
        answer = link.call("SYNC", key=key)
        assert not answer["events"] and place(answer["key"]) == place(key) and not answer["reset"]
        again, _ = sync_to_the_end(link)
        assert again == events


def test_the_rest_of_a_backlog_is_told_after_subscribing(server):
    erin, frank = server.register("erin"), server.register("frank")
    with erin.login() as link:
        for n in range(12):
            link.call("SEND", to=frank.address, client_message_id=f"b-{n}", content=text(str(n)))
    with frank.login() as link:
        answer = link.call("SYNC", limit=5, subscribe=True)
        assert answer["more"] and len(answer["events"]) == 5
        events, key = answer["events"], answer["key"]
        while len([event for event in events if event["message"]]) < 12:
            notify = next_notify(link)
            assert place(notify["previous"]) == place(key)
            events, key = events + notify["events"], notify["key"]
        assert [event["message"]["content"]["text"] for event in events if event["message"]] == list(map(str, range(12)))


def test_a_client_that_follows_the_rules_misses_nothing_while_both_write_at_once(server):
    ivan, judy = server.register("ivan"), server.register("judy")
    with ivan.login() as at_ivan, judy.login() as at_judy:
        _, key = sync_to_the_end(at_ivan, subscribe=True)

        def send(link, to, n):
            return link.submit("SEND", to=to.address, client_message_id=f"x-{n}", content=text(str(n)))

        waiting = [(send(at_ivan, judy, n), send(at_judy, ivan, n)) for n in range(30)]
        replies = [(mine.result(TIMEOUT), theirs.result(TIMEOUT)) for mine, theirs in waiting]
        assert sorted(reply["cseq"] for pair in replies for reply in pair) == list(range(1, 61))
        # Steps from one place to the next: answers to one's own sends, and notifications. Together they are one chain.
        steps, seen = {}, {}
        for mine, _ in replies:
            steps[tuple(sorted(place(mine["previous"]).items()))] = (mine["key"], [(mine["cseq"], True)])
        while len(seen) < 60:
            while (step := steps.get(tuple(sorted(place(key).items())))) is not None:
                key = step[0]
                seen.update(step[1])
            if len(seen) < 60:
                notify = next_notify(at_ivan)
                messages = [event["message"] for event in notify["events"] if event["message"]]
                for message in messages:
                    assert (message["content"] is None) == (message["from"] == ivan.address)
                numbers = [(message["cseq"], False) for message in messages]
                steps[tuple(sorted(place(notify["previous"]).items()))] = (notify["key"], numbers)
        assert sorted(seen) == list(range(1, 61))
        answer = at_ivan.call("SYNC", key=key)
        assert not [event for event in answer["events"] if event["message"]]


def test_a_thousand_pipelined_requests_are_all_answered_and_matched(server):
    grace, heidi = server.register("grace"), server.register("heidi")
    with grace.login() as link:
        for n in range(40):
            link.submit("SEND", to=heidi.address, client_message_id=f"p-{n}", content=text(str(n)))
        link.call("SEND", to=heidi.address, client_message_id="p-40", content=text("40"))
        # Answers that tell which request they belong to: message n is the newest one below n + 1.
        numbers = [1 + n * 7 % 41 for n in range(500)]
        waiting = [
            (link.submit("HISTORY", peer=heidi.address, before_cseq=n + 1, limit=1), link.submit("HEARTBEAT"))
            for n in numbers
        ]
        for number, (history, heartbeat) in zip(numbers, waiting):
            assert [message["cseq"] for message in history.result(60)["messages"]] == [number]
            assert heartbeat.result(60) == {}
        sends = [
            link.submit("SEND", to=heidi.address, client_message_id=f"q-{n}", content=text(str(n))) for n in range(1000)
        ]
        assert [future.result(120)["cseq"] for future in sends] == list(range(42, 1042))


# ---------------------------------------------------------------------------------------------- frames


def answer_of(stream: Stream, seq_id: int) -> Frame:
    frame = read_frame(stream.read_exactly, stream.framing)
    assert frame.seq_id == seq_id
    return frame


def error_code(frame: Frame) -> str:
    assert frame.operation == OPERATIONS["ERROR"][0]
    return decode("Error", frame.body)["code"]


@pytest.mark.parametrize("channel", [BARE, XX])
def test_a_heartbeat_is_sixteen_bytes_each_way(server, channel):
    stream = server.stream(channel)
    heartbeat = plain_vectors()[2]
    stream.send(heartbeat)
    assert stream.read_exactly(16) == heartbeat
    stream.sock.close()


def test_a_header_of_24_bytes_is_accepted(server, alice):
    stream = server.stream(XX, key=alice.key)
    login = encode("LoginRequest", {"client": "python test"})
    stream.send(Frame(OPERATIONS["LOGIN"][0], 1, login).to_bytes(FIRST, b"\xee" * 8))
    answer = answer_of(stream, 1)
    assert answer.operation == OPERATIONS["LOGIN"][0]
    assert decode("LoginReply", answer.body)["address"] == alice.address
    stream.send(Frame(2, 2).to_bytes(FIRST, b"\xee" * 8))
    assert answer_of(stream, 2).operation == 2
    stream.sock.close()


def test_a_frame_may_come_in_pieces_and_several_in_one_record(server):
    stream = server.stream(XX)
    heartbeats = b"".join(Frame(2, n).to_bytes() for n in range(1, 4))
    for piece in (heartbeats[:5], heartbeats[5:20], heartbeats[20:]):
        stream.send(piece)
    assert [read_frame(stream.read_exactly).seq_id for _ in range(3)] == [1, 2, 3]
    stream.sock.close()


@pytest.mark.parametrize("channel", [BARE, XX, IK])
def test_the_alternate_framing_works(server, alice, channel):
    with server.link(alice.key, channel, ALTERNATE, alice.server_key if channel == IK else None) as link:
        link.call("HEARTBEAT")
        token = ""
        if channel == BARE:
            names = ("address", "device_id", "device_secret")
            token = link.call("TOKEN", **{name: alice.credentials[name] for name in names})["token"]
        assert link.call("LOGIN", token=token)["address"] == alice.address
        assert link.call("GET_PROFILE")["profile"]["address"] == alice.address


@pytest.mark.parametrize(
    "framing, header, code",
    [
        (FIRST, "ffffffff 0010 0001 00000002 00000001", "frame_too_large"),
        (FIRST, "00001001 0010 0001 00000002 00000001", "frame_too_large"),
        (FIRST, "0000000f 0010 0001 00000002 00000001", "bad_frame"),
        (FIRST, "00000010 000f 0001 00000002 00000001", "bad_frame"),
        (FIRST, "00000010 0011 0001 00000002 00000001", "bad_frame"),
        (FIRST, "00000010 0010 0002 00000002 00000001", "unsupported_version"),
        (ALTERNATE, "00000002 be4c4659 00000002 00000004 00000001", "unsupported_version"),
        (ALTERNATE, "00000001 be4c4658 00000002 00000004 00000001", "bad_magic"),
        (ALTERNATE, "00000001 be4c4659 00000002 00000003 00000001", "bad_frame"),
        (ALTERNATE, "00000001 be4c4659 00000002 ffffffff 00000001", "frame_too_large"),
    ],
)
@pytest.mark.parametrize("channel", [BARE, XX])
def test_a_broken_header_ends_the_link_with_its_code(server, channel, framing, header, code):
    stream = server.stream(channel, framing)
    stream.send(Frame(2, 1).to_bytes(framing) + bytes.fromhex(header))
    answer_of(stream, 1)  # answers to what was read before stand before it
    assert going_away(stream)["code"] == code


@pytest.mark.parametrize("length, legal", [(4096, True), (4097, False)])
def test_a_frame_before_login_has_at_most_4096_bytes(server, length, legal):
    stream = server.stream(BARE)
    body = encode("LoginRequest", {"token": "x" * 4000})
    stream.send(Frame(12, 1, body).to_bytes(FIRST, bytes(length - 16 - len(body))))
    if legal:
        assert error_code(answer_of(stream, 1)) == "unauthenticated"
        stream.sock.close()
    else:
        assert going_away(stream)["code"] == "frame_too_large"


@pytest.mark.parametrize(
    "hello, status",
    [
        ("be4c4658 01000101", 2),
        ("be4c465a", 2),
        ("be00", 2),
        ("be4c4659 01000202", 1),
        ("be4c4659 03000101", 3),
        ("be4c4659 01030101", 3),
        ("be4c4659 01000201", 3),
    ],
)
def test_a_wrong_preamble_is_answered_by_its_status_and_the_end(server, hello, status):
    sock = server.socket()
    sock.sendall(bytes.fromhex(hello))
    assert read_all(sock) == MAGIC + bytes([status, 0, 1, 1])


def test_a_newer_client_is_given_the_highest_common_version(server):
    sock = server.socket()
    sock.sendall(preamble(version_min=1, version_max=9) + Frame(2, 1).to_bytes())
    sock.shutdown(socket.SHUT_WR)
    assert read_all(sock).startswith(MAGIC + bytes([0, 1, 1, 1]) + Frame(2, 1).to_bytes())


def test_an_unknown_operation_is_refused_and_the_link_stays(server):
    stream = server.stream(XX)
    for seq_id, operation in enumerate([9999, 0, 25, 1], 1):  # NOTIFY and ERROR are only the server's
        stream.send(Frame(operation, seq_id).to_bytes())
        assert error_code(answer_of(stream, seq_id)) == "unknown_operation"
    stream.send(Frame(2, 5).to_bytes())
    assert answer_of(stream, 5).operation == 2
    stream.sock.close()


def test_the_twentieth_unknown_operation_ends_the_link(server):
    stream = server.stream(XX)
    for seq_id in range(1, 20):
        stream.send(Frame(9999, seq_id).to_bytes())
        assert error_code(answer_of(stream, seq_id)) == "unknown_operation"
    stream.send(Frame(9999, 20).to_bytes())
    assert going_away(stream)["code"] == "unknown_operation"


def test_a_seq_id_of_zero_used_or_falling_is_refused_and_the_link_stays(server, alice):
    stream = server.stream(XX, key=alice.key)
    stream.send(Frame(12, 10, encode("LoginRequest", {})).to_bytes())
    assert answer_of(stream, 10).operation == 12
    for seq_id in (0, 10, 9, 1):
        stream.send(Frame(31, seq_id).to_bytes())
        assert error_code(answer_of(stream, seq_id)) == "bad_sequence"
    for seq_id in (11, 4_294_967_295):
        stream.send(Frame(31, seq_id).to_bytes())
        assert answer_of(stream, seq_id).operation == 31
    stream.sock.close()


@pytest.mark.parametrize("body, code", [("ff", "bad_request"), ("0a02c328", "invalid_utf8")])
def test_a_body_that_does_not_decode_is_refused_and_the_link_stays(server, body, code):
    stream = server.stream(XX)
    stream.send(Frame(10, 1, bytes.fromhex(body)).to_bytes())
    assert error_code(answer_of(stream, 1)) == code
    stream.send(Frame(2, 2).to_bytes())
    assert answer_of(stream, 2).operation == 2
    stream.sock.close()


# ---------------------------------------------------------------------------------------------- the secure channel


def test_a_flipped_byte_in_a_record_ends_the_link(server, alice):
    relay = Relay(server.port)
    with alice.login(port=relay.port) as link:
        link.call("HEARTBEAT")
        relay.touch = lambda data: data[:-1] + bytes([data[-1] ^ 1])
        with pytest.raises(LinkClosed):
            link.call("HEARTBEAT")
        assert link.ended.wait(TIMEOUT)
        assert link.why is not None and link.why["code"] == "bad_handshake"


def test_a_repeated_record_ends_the_link(server, alice):
    relay = Relay(server.port)
    with alice.login(port=relay.port) as link:
        relay.touch = lambda data: data + data
        link.submit("HEARTBEAT")
        assert link.ended.wait(TIMEOUT)
        assert link.why["code"] == "bad_handshake"


def test_a_touched_handshake_is_closed_without_a_word(server):
    relay = Relay(server.port)
    sent = []

    def touch(data):
        sent.append(data)
        return data[:-1] + bytes([data[-1] ^ 1]) if len(sent) == 3 else data  # preamble, message 1, message 3

    relay.touch = touch
    with pytest.raises((LinkClosed, OSError)):
        with server.link(DeviceKey.generate(), port=relay.port) as link:
            link.call("HEARTBEAT")
    assert len(sent) >= 3


def test_a_capture_of_a_noise_link_has_no_address_and_no_text(server, alice, bob):
    relay = Relay(server.port)
    with alice.login(port=relay.port) as link:
        sync_to_the_end(link, subscribe=True)
        link.call("SEND", to=bob.address, client_message_id="secret-id", content=text("meet me at the belfry"))
        page = link.call("HISTORY", peer=bob.address, limit=1)
        assert page["messages"][0]["content"]["text"] == "meet me at the belfry"
    captured = bytes(relay.bytes)
    assert len(captured) > 300 and captured.count(MAGIC) >= 2  # the preambles, which are in clear
    words = [alice.address, bob.address, "alice", "bob", "example.org", "meet me", "belfry", "secret-id", "python"]
    for word in words:
        assert word.encode() not in captured, word
    assert alice.key.public not in captured and alice.server_key not in captured
