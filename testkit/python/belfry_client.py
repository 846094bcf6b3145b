"""A small client for Belfry's native protocol, written from docs/protocol.md alone.

It shares no code, no schema file and no author's knowledge with the server: what it can do, the document says. It has
the preamble, both framings, Noise XX and IK, records, frames, the protobuf bodies that it needs (encoded by hand from
the tables below), requests paired by seq_id, and what the server tells by itself. Section numbers are the document's.

    key = DeviceKey.generate()
    with Link.connect("127.0.0.1", 8080, channel=XX, device_key=key) as link:
        link.call("VERIFY_PIN", phone="+491701234567", pin="123456", name="alice")
        print(link.server_key.hex())  # pin it, and use IK next time
"""

from __future__ import annotations

import hashlib
import hmac
import queue
import socket
import struct
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MAGIC = bytes.fromhex("be4c4659")
FIRST, ALTERNATE = 1, 2
BARE, XX, IK = 0, 1, 2
VERSION = 1
STATUS = {
    0: "accepted",
    1: "unsupported version",
    2: "wrong magic",
    3: "no such framing or channel",
    4: "forbidden",
    5: "try later",
}


class ProtocolError(Exception):
    """The other end broke the protocol, or refused the connection."""


class LinkClosed(Exception):
    """The link has ended; `why` is the server's GOING_AWAY, if it said one."""

    def __init__(self, reason: str, why: dict | None = None):
        super().__init__(f"{reason}: {why}" if why else reason)
        self.why = why


class Refused(Exception):
    """The server answered a request with ERROR."""

    def __init__(self, error: dict):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code, self.retry_after_ms = error["code"], error["retry_after_ms"]


# ---------------------------------------------------------------------------------------------- bodies (section 15)

# Each message: number:name:type, where type is str, bytes, int, bool or a message; a star means repeated.
_SCHEMA_TEXT = {
    "Error": "1:code:str 2:message:str 3:retry_after_ms:int",
    "GoingAway": "1:code:str 2:message:str 3:retry_after_ms:int",
    "SyncKey": "1:list:KeyValue*",
    "KeyValue": "1:key:int 2:val:int",
    "Content": "1:kind:int 2:text:str 3:media:InlineMedia 4:extensions:Extension*",
    "InlineMedia": "1:mime:str 2:data:bytes",
    "Extension": "1:namespace:str 2:data:bytes",
    "Message": "1:conversation_id:int 2:cseq:int 3:from:str 4:to:str 5:sent_at_ms:int 6:client_message_id:str "
    "7:content:Content",
    "Receipt": "1:conversation_id:int 2:peer:str 3:delivered_cseq:int 4:read_cseq:int",
    "Mark": "1:conversation_id:int 2:read_cseq:int",
    "Profile": "1:address:str 2:display_name:str",
    "Event": "1:seq:int 2:message:Message 3:receipt:Receipt 4:mark:Mark 5:profile:Profile",
    "SendRequest": "1:to:str 2:client_message_id:str 3:content:Content",
    "SendReply": "1:conversation_id:int 2:cseq:int 3:sent_at_ms:int 4:duplicate:bool 5:previous:SyncKey 6:key:SyncKey",
    "SyncRequest": "1:key:SyncKey 2:limit:int 3:wait_ms:int 4:subscribe:bool 5:acknowledge:bool",
    "SyncReply": "1:events:Event* 2:key:SyncKey 3:more:bool 4:reset:bool",
    "Notify": "1:previous:SyncKey 2:key:SyncKey 3:events:Event* 4:more:bool 5:reset:bool",
    "AckRequest": "1:passed:SyncKey 2:delivered:SyncKey",
    "AckReply": "",
    "MarkReadRequest": "1:conversation_id:int 2:read_cseq:int",
    "MarkReadReply": "",
    "HistoryRequest": "1:conversation_id:int 2:peer:str 3:before_cseq:int 4:limit:int",
    "HistoryReply": "1:conversation_id:int 2:messages:Message* 3:more:bool",
    "RequestPinRequest": "1:phone:str",
    "RequestPinReply": "1:digits:int 2:expires_in_ms:int 3:resend_after_ms:int",
    "VerifyPinRequest": "1:phone:str 2:pin:str 3:name:str 4:device_name:str 5:display_name:str",
    "Credentials": "1:address:str 2:device_id:int 3:device_secret:str 4:token:str 5:token_expires_in_ms:int "
    "6:primary:bool 7:replaced:bool",
    "TokenRequest": "1:address:str 2:device_id:int 3:device_secret:str",
    "TokenReply": "1:token:str 2:expires_in_ms:int",
    "LoginRequest": "1:token:str 2:client:str",
    "LoginReply": "1:address:str 2:device_id:int 3:server_time_ms:int 4:idle_ms:int 5:frame_bytes_max:int "
    "6:inline_bytes_max:int 7:guest:bool",
    "AccountExistsRequest": "1:address:str",
    "AccountExistsReply": "1:exists:bool",
    "GetProfileRequest": "1:address:str",
    "GetProfileReply": "1:profile:Profile",
    "ReportActivityRequest": "1:activity:int 2:network:str",
    "ReportActivityReply": "1:heartbeat_ms:int",
}
SCHEMA = {
    name: {int(n): (field_name, kind.rstrip("*"), kind.endswith("*")) for n, field_name, kind in
           (entry.split(":") for entry in text.split())}
    for name, text in _SCHEMA_TEXT.items()
}
SCALARS = {"str": "", "bytes": b"", "int": 0, "bool": False}

# Section 6, as far as this client goes: name → number, request, answer.
OPERATIONS = {
    "ERROR": (1, None, "Error"),
    "HEARTBEAT": (2, None, None),
    "GOING_AWAY": (3, None, "GoingAway"),
    "REQUEST_PIN": (10, "RequestPinRequest", "RequestPinReply"),
    "VERIFY_PIN": (11, "VerifyPinRequest", "Credentials"),
    "LOGIN": (12, "LoginRequest", "LoginReply"),
    "TOKEN": (14, "TokenRequest", "TokenReply"),
    "SEND": (20, "SendRequest", "SendReply"),
    "SYNC": (21, "SyncRequest", "SyncReply"),
    "ACK": (22, "AckRequest", "AckReply"),
    "MARK_READ": (23, "MarkReadRequest", "MarkReadReply"),
    "HISTORY": (24, "HistoryRequest", "HistoryReply"),
    "NOTIFY": (25, None, "Notify"),
    "ACCOUNT_EXISTS": (30, "AccountExistsRequest", "AccountExistsReply"),
    "GET_PROFILE": (31, "GetProfileRequest", "GetProfileReply"),
    "REPORT_ACTIVITY": (60, "ReportActivityRequest", "ReportActivityReply"),
}
NAMES = {number: name for name, (number, _, _) in OPERATIONS.items()}


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ProtocolError("a number in a body does not end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value & (1 << 64) - 1, at


def encode(message: str, fields: dict) -> bytes:
    """proto3: fields in ascending order, scalars at their default left out, messages kept even when empty."""
    known = {name for name, _, _ in SCHEMA[message].values()}
    if unknown := set(fields) - known:
        raise ValueError(f"{message} has no field {unknown}")
    out = bytearray()
    for number, (name, kind, repeated) in sorted(SCHEMA[message].items()):
        given = fields.get(name)
        if given is None:
            continue
        for value in given if repeated else [given]:
            if kind in SCALARS and value == SCALARS[kind] and not repeated:
                continue
            if kind in ("int", "bool"):
                out += varint(number << 3) + varint(int(value))
                continue
            body = value.encode() if kind == "str" else value if kind == "bytes" else encode(kind, value)
            out += varint(number << 3 | 2) + varint(len(body)) + body
    return bytes(out)


def decode(message: str, data: bytes) -> dict:
    """Every known field is in the result (a message that is absent as None); unknown fields are skipped."""
    fields = {
        name: [] if repeated else SCALARS.get(kind) for name, kind, repeated in SCHEMA[message].values()
    }
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == 0:
            value, at = read_varint(data, at)
        elif wire_type in (1, 2, 5):
            if wire_type == 2:
                length, at = read_varint(data, at)
            else:
                length = 8 if wire_type == 1 else 4
            value, at = data[at : at + length], at + length
            if at > len(data):
                raise ProtocolError(f"a field of {message} is cut off")
        else:
            raise ProtocolError(f"{message} has a field of wire type {wire_type}")
        if number not in SCHEMA[message]:
            continue
        name, kind, repeated = SCHEMA[message][number]
        if wire_type != (0 if kind in ("int", "bool") else 2):
            raise ProtocolError(f"{message}.{name} has wire type {wire_type}")
        if kind == "bool":
            value = bool(value)
        elif kind == "str":
            value = value.decode("utf-8")
        elif kind in SCHEMA:
            value = decode(kind, value)
        if repeated:
            fields[name].append(value)
        else:
            fields[name] = value
    return fields


def place(key: dict | None) -> dict[int, int]:
    """What a SyncKey means, to compare: a kind that is missing counts as 0 (section 10)."""
    return {item["key"]: item["val"] for item in (key or {"list": []})["list"] if item["val"]}


# ---------------------------------------------------------------------------------------------- frames (section 5)


@dataclass
class Frame:
    operation: int
    seq_id: int
    body: bytes = b""

    def to_bytes(self, framing: int = FIRST, extra_header: bytes = b"") -> bytes:
        if framing == ALTERNATE:
            head = struct.pack(">I4sIII", VERSION, MAGIC, self.operation, len(self.body) + 4, self.seq_id)
            return head + self.body
        head_len = 16 + len(extra_header)
        head = struct.pack(">IHHII", head_len + len(self.body), head_len, VERSION, self.operation, self.seq_id)
        return head + extra_header + self.body


def read_frame(read_exactly, framing: int = FIRST) -> Frame:
    if framing == ALTERNATE:
        version, magic, operation, body_len, seq_id = struct.unpack(">I4sIII", read_exactly(20))
        if version != VERSION or magic != MAGIC or body_len < 4:
            raise ProtocolError("a header of the alternate framing is wrong")
        return Frame(operation, seq_id, read_exactly(body_len - 4))
    packet_len, head_len, version, operation, seq_id = struct.unpack(">IHHII", read_exactly(16))
    if version != VERSION or head_len < 16 or head_len > packet_len:
        raise ProtocolError("a header is wrong")
    rest = read_exactly(packet_len - 16)
    return Frame(operation, seq_id, rest[head_len - 16 :])


# ---------------------------------------------------------------------------------------------- Noise (section 3)


class DeviceKey:
    """A static or ephemeral X25519 key pair."""

    def __init__(self, secret: bytes):
        self.secret = secret
        self._private = X25519PrivateKey.from_private_bytes(secret)
        self.public = self._private.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> DeviceKey:
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def agree(self, public: bytes) -> bytes:
        try:
            return self._private.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError as error:  # the result was zero
            raise ProtocolError("a public key of low order") from error


class Cipher:
    """One key and its counter."""

    def __init__(self, key: bytes):
        self._aead, self._count = ChaCha20Poly1305(key), 0

    def _nonce(self) -> bytes:
        nonce = struct.pack("<4xQ", self._count)
        self._count += 1
        return nonce

    def seal(self, plaintext: bytes, associated: bytes = b"") -> bytes:
        return self._aead.encrypt(self._nonce(), plaintext, associated)

    def open(self, ciphertext: bytes, associated: bytes = b"") -> bytes:
        try:
            return self._aead.decrypt(self._nonce(), ciphertext, associated)
        except InvalidTag as error:
            raise ProtocolError("a record or handshake message does not open") from error


class Handshake:
    """Noise XX and IK, both sides (the server's side is for the golden vectors). Payloads are empty."""

    PATTERNS = {XX: [["e"], ["e", "ee", "s", "es"], ["s", "se"]], IK: [["e", "es", "s", "ss"], ["e", "ee", "se"]]}
    LENGTHS = {XX: [32, 96, 64], IK: [96, 48]}

    def __init__(self, channel, prologue, static, initiator=True, remote_static=None, ephemeral=None):
        name = {XX: b"Noise_XX_25519_ChaChaPoly_SHA256", IK: b"Noise_IK_25519_ChaChaPoly_SHA256"}[channel]
        self.hash = self.chaining_key = name  # 32 bytes exactly, so it is not hashed
        self.cipher: Cipher | None = None
        self.messages = list(self.PATTERNS[channel])
        self.lengths = list(self.LENGTHS[channel])
        self.initiator, self.static, self.remote_static = initiator, static, remote_static
        self.ephemeral, self.remote_ephemeral = ephemeral or DeviceKey.generate(), b""
        self._mix_hash(prologue)
        if channel == IK:
            self._mix_hash(remote_static if initiator else static.public)

    def _mix_hash(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def _hkdf(self, data: bytes) -> tuple[bytes, bytes]:
        temporary = hmac.digest(self.chaining_key, data, "sha256")
        first = hmac.digest(temporary, b"\x01", "sha256")
        return first, hmac.digest(temporary, first + b"\x02", "sha256")

    def _mix_key(self, token: str) -> None:
        # The first letter is the initiator's key, the second the responder's.
        mine, theirs = token if self.initiator else token[::-1]
        secret = {"e": self.ephemeral, "s": self.static}[mine].agree(
            {"e": self.remote_ephemeral, "s": self.remote_static}[theirs]
        )
        self.chaining_key, key = self._hkdf(secret)
        self.cipher = Cipher(key)

    def _seal(self, plaintext: bytes) -> bytes:
        sealed = self.cipher.seal(plaintext, self.hash) if self.cipher else plaintext
        self._mix_hash(sealed)
        return sealed

    def _open(self, sealed: bytes) -> bytes:
        plaintext = self.cipher.open(sealed, self.hash) if self.cipher else sealed
        self._mix_hash(sealed)
        return plaintext

    def write(self) -> bytes:
        """The next message, its length in front."""
        out = b""
        for token in self.messages.pop(0):
            if token == "e":
                out += self.ephemeral.public
                self._mix_hash(self.ephemeral.public)
            elif token == "s":
                out += self._seal(self.static.public)
            else:
                self._mix_key(token)
        out += self._seal(b"")
        assert len(out) == self.lengths.pop(0)
        return struct.pack(">H", len(out)) + out

    def read(self, message: bytes) -> None:
        """Takes the next message of the other side, without its length."""
        if len(message) != self.lengths.pop(0):
            raise ProtocolError("a handshake message has a wrong length")
        for token in self.messages.pop(0):
            if token == "e":
                self.remote_ephemeral, message = message[:32], message[32:]
                self._mix_hash(self.remote_ephemeral)
            elif token == "s":
                length = 48 if self.cipher else 32
                self.remote_static, message = self._open(message[:length]), message[length:]
            else:
                self._mix_key(token)
        if self._open(message):
            raise ProtocolError("a handshake message has a payload")

    def split(self) -> tuple[Cipher, Cipher]:
        """The ciphers to send and to receive with."""
        assert not self.messages
        client, server = (Cipher(key) for key in self._hkdf(b""))
        return (client, server) if self.initiator else (server, client)


# ---------------------------------------------------------------------------------------------- the byte stream


def preamble(framing=FIRST, channel=BARE, version_min=VERSION, version_max=VERSION) -> bytes:
    return MAGIC + bytes([framing, channel, version_min, version_max])


class Stream:
    """A connection after preamble and handshake: bytes in, bytes out, sealed or not."""

    RECORD_MAX = 65_519

    def __init__(self, sock: socket.socket, channel=XX, framing=FIRST, device_key=None, server_key=None):
        self.sock, self.framing, self._plain = sock, framing, bytearray()
        self._send_cipher = self._receive_cipher = None
        self.server_key = server_key
        hello = preamble(framing, channel)
        sock.sendall(hello)
        answer = self._read_raw(8)
        if answer[:4] != MAGIC or answer[4] != 0 or answer[5] != VERSION:
            raise ProtocolError(f"the server answers: {STATUS.get(answer[4], answer.hex())}")
        if channel != BARE:
            handshake = Handshake(channel, hello + answer, device_key, remote_static=server_key)
            while handshake.messages:
                sock.sendall(handshake.write())
                if handshake.messages:
                    handshake.read(self._read_raw(struct.unpack(">H", self._read_raw(2))[0]))
            if server_key is not None and handshake.remote_static != server_key:
                raise ProtocolError("the server's key is not the one that was pinned")
            self.server_key = handshake.remote_static
            self._send_cipher, self._receive_cipher = handshake.split()

    def _read_raw(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self.sock.recv(min(count - len(data), 65_536))
            if not part:
                raise LinkClosed("the server closed the connection")
            data += part
        return bytes(data)

    def send(self, data: bytes) -> None:
        if self._send_cipher is None:
            self.sock.sendall(data)
            return
        out = bytearray()
        for at in range(0, len(data), self.RECORD_MAX):
            sealed = self._send_cipher.seal(data[at : at + self.RECORD_MAX])
            out += struct.pack(">H", len(sealed)) + sealed
        self.sock.sendall(out)

    def read_exactly(self, count: int) -> bytes:
        if self._receive_cipher is None:
            return self._read_raw(count)
        while len(self._plain) < count:
            length = struct.unpack(">H", self._read_raw(2))[0]
            if length < 17:
                raise ProtocolError("a record is too short")
            self._plain += self._receive_cipher.open(self._read_raw(length))
        data = bytes(self._plain[:count])
        del self._plain[:count]
        return data


# ---------------------------------------------------------------------------------------------- the link


@dataclass
class Told:
    """What the server said by itself: NOTIFY, GOING_AWAY."""

    name: str
    body: dict = field(default_factory=dict)


class Link:
    """Requests and answers over one stream (section 7). A thread reads; any thread may ask."""

    def __init__(self, stream: Stream, timeout: float = 10.0):
        self.stream, self.timeout, self.server_key = stream, timeout, stream.server_key
        self.told: queue.Queue[Told] = queue.Queue()
        self.ended = threading.Event()
        self.why: dict | None = None
        self._seq_id, self._lock = 0, threading.Lock()
        self._waiting: dict[int, tuple[str | None, Future]] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def connect(cls, host, port, channel=XX, framing=FIRST, device_key=None, server_key=None, timeout=10.0) -> Link:
        if channel != BARE and device_key is None:
            raise ValueError("Noise needs the device's key")
        sock = socket.create_connection((host, port), timeout)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = Stream(sock, channel, framing, device_key, server_key)
        except BaseException:
            sock.close()
            raise
        # An established link may be silent for long; requests have their own time-out.
        sock.settimeout(None)
        return cls(stream, timeout)

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        try:
            self.stream.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._reader.join(self.timeout)
        self.stream.sock.close()

    def submit(self, name: str, /, **fields) -> Future:
        """Sends a request without waiting for its answer."""
        operation, request, answer = OPERATIONS[name]
        body = encode(request, fields) if request else b""
        future: Future = Future()
        with self._lock:
            if self.ended.is_set():
                raise LinkClosed("the link has ended", self.why)
            self._seq_id += 1
            self._waiting[self._seq_id] = (answer, future)
            self.stream.send(Frame(operation, self._seq_id, body).to_bytes(self.stream.framing))
        return future

    def call(self, name: str, /, **fields) -> dict:
        return self.submit(name, **fields).result(self.timeout)

    def next_told(self, timeout: float | None = None) -> Told:
        return self.told.get(timeout=self.timeout if timeout is None else timeout)

    def _read(self) -> None:
        reason = "the link has ended"
        try:
            while True:
                self._take(read_frame(self.stream.read_exactly, self.stream.framing))
        except (OSError, LinkClosed, ProtocolError, UnicodeDecodeError) as error:
            reason = str(error)
        finally:
            with self._lock:
                self.ended.set()
                waiting, self._waiting = self._waiting, {}
            for _, future in waiting.values():
                future.set_exception(LinkClosed(reason, self.why))

    def _take(self, frame: Frame) -> None:
        name = NAMES.get(frame.operation)
        if frame.seq_id == 0:
            if name in ("NOTIFY", "GOING_AWAY"):
                told = Told(name, decode(OPERATIONS[name][2], frame.body))
                if name == "GOING_AWAY":
                    self.why = told.body
                self.told.put(told)
            return  # what a later server says is skipped
        with self._lock:
            expected = self._waiting.pop(frame.seq_id, None)
        if expected is None:
            raise ProtocolError(f"an answer to {frame.seq_id}, which was not asked")
        answer, future = expected
        if name == "ERROR":
            future.set_exception(Refused(decode("Error", frame.body)))
        else:
            future.set_result(decode(answer, frame.body) if answer else {})
