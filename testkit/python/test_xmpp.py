"""A stock XMPP client, slixmpp, against a running server: logging in, chatting both ways with a native client, messages
that came while nobody was there, carbons, the archive, changes of messages, a stream that breaks and goes on.

The server is started by the fixture of test_client.py. Every wait has a time-out.
"""

import asyncio
import datetime
import subprocess
import time
import uuid

import pytest
import slixmpp
from slixmpp.exceptions import IqError

from test_client import server, sync_to_the_end, text  # noqa: F401  (the server is a fixture)

PASSWORD = "correct horse battery"
TIMEOUT = 20


class Client(slixmpp.ClientXMPP):
    """A client that keeps the messages it is told."""

    def __init__(self, server, name, resource, password=PASSWORD):
        super().__init__(f"{name}@example.org/{resource}", password)
        self.ca_certs = str(server.data / "tls" / "cert.pem")
        self.messages, self.changes = asyncio.Queue(), asyncio.Queue()
        self.here = asyncio.get_running_loop().create_future()
        self.add_event_handler("session_start", self._start)
        self.add_event_handler("message", lambda message: message["body"] and self.messages.put_nowait(message))
        self.add_event_handler("failed_all_auth", lambda _event: self._fail("the login was refused"))
        self.add_event_handler("connection_failed", lambda why: self._fail(f"no connection: {why}"))
        for plugin in ("xep_0030", "xep_0059", "xep_0085", "xep_0115", "xep_0184", "xep_0191", "xep_0198", "xep_0199", "xep_0280", "xep_0297",
                       "xep_0308", "xep_0313", "xep_0359", "xep_0424", "xep_0444"):
            self.register_plugin(plugin)

    async def _start(self, _event):
        self.send_presence()
        await self.get_roster()
        if not self.here.done():
            self.here.set_result(None)

    def _fail(self, why):
        if not self.here.done():
            self.here.set_exception(RuntimeError(why))

    async def text(self):
        message = await asyncio.wait_for(self.messages.get(), TIMEOUT)
        return str(message["from"].bare), message["body"]

    async def leave(self):
        await asyncio.wait_for(self.disconnect(), TIMEOUT)


async def arrive(server, name, resource, password=PASSWORD):
    client = Client(server, name, resource, password)
    client.connect("127.0.0.1", server.port)
    await asyncio.wait_for(client.here, TIMEOUT)
    return client


@pytest.fixture
def names(server):  # noqa: F811
    """Two new accounts with a password."""
    made = [f"{name}-{uuid.uuid4().hex[:8]}" for name in ("alice", "bob")]
    for name in made:
        subprocess.run(
            [server.binary, "account", "add", f"{name}@example.org", "--password-stdin", "--config", server.config],
            input=PASSWORD + "\n", text=True, check=True, timeout=60, stdout=subprocess.DEVNULL,
        )
    return made


def native_texts(person, count):
    """What a native device has been sent, when it is so much: who wrote it and what."""
    until = time.monotonic() + TIMEOUT
    with person.login() as link:
        while time.monotonic() < until:
            events, _ = sync_to_the_end(link)
            messages = [event["message"] for event in events if event["message"]]
            if len(messages) >= count:
                return [(message["from"], message["content"]["text"]) for message in messages]
            time.sleep(0.05)
    raise TimeoutError("the messages did not come")


def native_says(person, to, words):
    with person.login() as link:
        link.call("SEND", to=to, client_message_id=uuid.uuid4().hex, content=text(words))


def run(scene):
    asyncio.run(asyncio.wait_for(scene, 120))


def test_a_stock_client_logs_in_and_finds_what_the_server_can_do(server, names):  # noqa: F811
    async def scene():
        client = await arrive(server, names[0], "desk")
        assert client.boundjid.full == f"{names[0]}@example.org/desk"
        assert client.transport.get_extra_info("cipher")[1] == "TLSv1.3"
        info = await client.plugin["xep_0030"].get_info(jid="example.org", timeout=TIMEOUT)
        assert "urn:xmpp:carbons:2" in info["disco_info"]["features"]
        own = await client.plugin["xep_0030"].get_info(jid=client.boundjid.bare, timeout=TIMEOUT)
        assert "urn:xmpp:mam:2" in own["disco_info"]["features"]
        assert await client.plugin["xep_0199"].ping("example.org", timeout=TIMEOUT) >= 0
        await client.leave()

    run(scene())


def test_a_stock_client_asks_for_the_time_of_the_server(server, names):  # noqa: F811
    async def scene():
        client = await arrive(server, names[0], "desk")
        client.register_plugin("xep_0202")
        before = datetime.datetime.now(datetime.timezone.utc)
        answer = await client.plugin["xep_0202"].get_entity_time("example.org", timeout=TIMEOUT)
        # Its own reader takes neither form of a zone that XEP-0082 has, so the element is read here.
        told = {part: answer.xml.findtext(f"{{urn:xmpp:time}}time/{{urn:xmpp:time}}{part}") for part in ("tzo", "utc")}
        assert told["tzo"] == "+00:00" and told["utc"].endswith("Z")
        utc = datetime.datetime.fromisoformat(told["utc"].replace("Z", told["tzo"]))
        assert abs((utc - before).total_seconds()) < TIMEOUT
        await client.leave()

    run(scene())


def test_a_wrong_password_is_refused(server, names):  # noqa: F811
    async def scene():
        with pytest.raises(RuntimeError, match="refused"):
            await arrive(server, names[0], "desk", "wrong horse battery")

    run(scene())


def test_a_stock_client_and_a_native_one_chat(server, names):  # noqa: F811
    person = server.register(f"carol-{uuid.uuid4().hex[:8]}")
    carol = person.address

    async def scene():
        alice = await arrive(server, names[0], "desk")
        alice.send_message(mto=carol, mbody="hello <carol> & ☃", mtype="chat")
        alice.send_message(mto=carol, mbody="are you there", mtype="chat")
        texts = await asyncio.to_thread(native_texts, person, 2)
        assert texts == [(alice.boundjid.bare, "hello <carol> & ☃"), (alice.boundjid.bare, "are you there")]
        await asyncio.to_thread(native_says, person, alice.boundjid.bare, "I am <here>")
        assert await alice.text() == (carol, "I am <here>")
        await alice.leave()

    run(scene())


def test_what_came_while_nobody_was_there_is_told_at_the_next_login_and_once(server, names):  # noqa: F811
    async def scene():
        bob = await arrive(server, names[1], "phone")
        await bob.leave()
        alice = await arrive(server, names[0], "desk")
        for number in range(15):
            alice.send_message(mto=f"{names[1]}@example.org", mbody=f"text {number}", mtype="chat")
        await alice.plugin["xep_0199"].ping("example.org", timeout=TIMEOUT)
        bob = await arrive(server, names[1], "phone")
        assert [(await bob.text())[1] for _ in range(15)] == [f"text {number}" for number in range(15)]
        await bob.plugin["xep_0199"].ping("example.org", timeout=TIMEOUT)
        await bob.leave()
        bob = await arrive(server, names[1], "phone")
        alice.send_message(mto=f"{names[1]}@example.org", mbody="the next", mtype="chat")
        assert (await bob.text())[1] == "the next"
        await alice.leave()
        await bob.leave()

    run(scene())


def test_carbons_show_what_another_client_of_the_account_sends(server, names):  # noqa: F811
    async def scene():
        phone = await arrive(server, names[0], "phone")
        desk = await arrive(server, names[0], "desk")
        carbons = asyncio.Queue()
        desk.add_event_handler("carbon_sent", carbons.put_nowait)
        await desk.plugin["xep_0280"].enable(timeout=TIMEOUT)
        phone.send_message(mto=f"{names[1]}@example.org", mbody="from the phone", mtype="chat")
        carbon = await asyncio.wait_for(carbons.get(), TIMEOUT)
        message = carbon["carbon_sent"]
        assert (message["body"], message["to"].bare) == ("from the phone", f"{names[1]}@example.org")
        await phone.leave()
        await desk.leave()

    run(scene())


def test_the_archive_has_every_message_once(server, names):  # noqa: F811
    async def scene():
        alice = await arrive(server, names[0], "desk")
        bob = f"{names[1]}@example.org"
        for number in range(15):
            alice.send_message(mto=bob, mbody=f"text {number}", mtype="chat")
        await alice.plugin["xep_0199"].ping("example.org", timeout=TIMEOUT)
        archive = alice.plugin["xep_0313"]
        for with_jid in (None, bob):
            texts, pages = [], archive.iterate(with_jid=with_jid, rsm={"max": 4}, reverse=False)
            async for message in pages:
                texts.append(message["mam_result"]["forwarded"]["stanza"]["body"])
            assert texts == [f"text {number}" for number in range(15)]
        texts = []
        async for message in archive.iterate(with_jid=bob, rsm={"max": 4}, reverse=True):
            texts.append(message["mam_result"]["forwarded"]["stanza"]["body"])
        assert sorted(texts) == sorted(f"text {number}" for number in range(15))
        assert texts[:4] == ["text 14", "text 13", "text 12", "text 11"], "the newest first"
        await alice.leave()

    run(scene())


def test_messages_are_edited_reacted_to_and_taken_back_between_stock_clients(server, names):  # noqa: F811
    async def scene():
        alice, bob = await arrive(server, names[0], "desk"), await arrive(server, names[1], "phone")
        to = f"{names[1]}@example.org"
        seen = asyncio.Queue()
        for event in ("message_correction", "reactions", "message_retract", "receipt_received"):
            for client in (alice, bob):
                client.add_event_handler(event, lambda stanza, event=event: seen.put_nowait((event, stanza)))

        async def happened(event):
            while True:
                name, stanza = await asyncio.wait_for(seen.get(), TIMEOUT)
                if name == event:
                    return stanza

        first = alice.make_message(mto=to, mbody="helo", mtype="chat")
        first["request_receipt"] = True
        first["id"] = uuid.uuid4().hex
        first.send()
        assert (await bob.text())[1] == "helo"
        assert (await happened("receipt_received"))["receipt"] == first["id"]
        alice.plugin["xep_0308"].correct_message(first, "hello")
        corrected = await happened("message_correction")
        assert (corrected["body"], corrected["replace"]["id"]) == ("hello", first["id"])
        bob.plugin["xep_0444"].send_reactions(alice.boundjid.bare, first["id"], {"👍"})
        reacted = await happened("reactions")
        assert reacted["reactions"]["id"] == first["id"] and reacted["reactions"]["values"] == {"👍"}
        alice.plugin["xep_0424"].send_retraction(to, first["id"], include_fallback=False)
        retracted = await happened("message_retract")
        assert retracted["retract"]["id"] == first["id"]
        await alice.leave()
        await bob.leave()

    run(scene())


def test_contacts_ask_accept_see_each_other_and_block_between_stock_clients(server, names):  # noqa: F811
    async def scene():
        alice, bob = await arrive(server, names[0], "desk"), await arrive(server, names[1], "phone")
        for client in (alice, bob):
            client.auto_authorize = client.auto_subscribe = None
        asked, there = asyncio.Queue(), asyncio.Queue()
        bob.add_event_handler("presence_subscribe", asked.put_nowait)
        for event in ("presence_available", "presence_dnd"):
            alice.add_event_handler(event, lambda stanza: there.put_nowait(("there", stanza)))
        alice.add_event_handler("presence_unavailable", lambda stanza: there.put_nowait(("gone", stanza)))
        alice.send_presence_subscription(pto=bob.boundjid.bare, ptype="subscribe")
        request = await asyncio.wait_for(asked.get(), TIMEOUT)
        assert request["from"].bare == alice.boundjid.bare
        bob.send_presence_subscription(pto=alice.boundjid.bare, ptype="subscribed")

        async def seen(what):
            while True:
                kind, stanza = await asyncio.wait_for(there.get(), TIMEOUT)
                if kind == what and stanza["from"].bare == bob.boundjid.bare:
                    return stanza

        await seen("there")
        await alice.update_roster(bob.boundjid.bare, name="Bob", groups=["work"], timeout=TIMEOUT)
        item = alice.client_roster[bob.boundjid.bare]
        await until(lambda: (item["name"], item["subscription"], item["groups"]) == ("Bob", "to", ["work"]))
        bob.send_presence(pshow="dnd", pstatus="not now")
        while (stanza := await seen("there"))["show"] != "dnd":
            pass
        assert stanza["status"] == "not now"
        blocking = bob.plugin["xep_0191"]
        await blocking.block(alice.boundjid.bare, timeout=TIMEOUT)
        blocked = await blocking.get_blocked(timeout=TIMEOUT)
        assert {str(item["jid"]) for item in blocked["blocklist"]["items"]} == {alice.boundjid.bare}
        await seen("gone")
        alice.send_message(mto=bob.boundjid.bare, mbody="never heard", mtype="chat")
        await alice.plugin["xep_0199"].ping("example.org", timeout=TIMEOUT)
        await blocking.unblock(alice.boundjid.bare, timeout=TIMEOUT)
        alice.send_message(mto=bob.boundjid.bare, mbody="heard", mtype="chat")
        assert (await bob.text())[1] == "heard"
        await alice.leave()
        await bob.leave()

    run(scene())


async def meet(alice, bob):
    """Makes two people see each other."""
    for one, other in ((alice, bob), (bob, alice)):
        one.send_presence_subscription(pto=other.boundjid.bare, ptype="subscribed")
    for one, other in ((alice, bob), (bob, alice)):
        one.send_presence_subscription(pto=other.boundjid.bare, ptype="subscribe")
    await until(lambda: all(
        one.client_roster[other.boundjid.bare]["subscription"] == "both" for one, other in ((alice, bob), (bob, alice))
    ))


async def until(true):
    for _ in range(TIMEOUT * 10):
        if true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not become true")


def test_clients_are_seen_one_by_one_and_ask_each_other_what_they_can_do(server, names):  # noqa: F811
    async def scene():
        alice, phone = await arrive(server, names[0], "desk"), await arrive(server, names[1], "phone")
        await meet(alice, phone)
        tablet = await arrive(server, names[1], "tablet")
        phone.send_presence(pshow="away", pstatus="on the way", ppriority=5)
        tablet.send_presence(ppriority=-1)
        seen = alice.client_roster[phone.boundjid.bare].resources
        await until(lambda: seen.get("phone", {}).get("priority") == 5 and seen.get("tablet", {}).get("priority") == -1)
        assert (seen["phone"]["show"], seen["phone"]["status"], seen["tablet"]["show"]) == ("away", "on the way", "")
        for client in (phone, tablet):
            info = await alice.plugin["xep_0030"].get_info(jid=client.boundjid.full, timeout=TIMEOUT)
            assert "urn:xmpp:ping" in info["disco_info"]["features"]
        assert await phone.plugin["xep_0199"].ping(tablet.boundjid.full, timeout=TIMEOUT) >= 0
        with pytest.raises(IqError) as refused:
            await alice.plugin["xep_0199"].send_ping(f"{phone.boundjid.bare}/none", timeout=TIMEOUT)
        assert refused.value.condition == "service-unavailable"
        # A message for all is not for who wants none; one for the tablet alone is.
        alice.send_message(mto=phone.boundjid.bare, mbody="for all", mtype="headline")
        assert (await phone.text())[1] == "for all"
        alice.send_message(mto=tablet.boundjid.full, mbody="for one", mtype="headline")
        assert (await tablet.text())[1] == "for one"
        await tablet.leave()
        await until(lambda: "tablet" not in seen)
        for client in (alice, phone):
            await client.leave()

    run(scene())


def test_a_roster_that_has_not_changed_is_not_told_again_and_changes_are_pushed(server, names):  # noqa: F811
    async def scene():
        alice, other = await arrive(server, names[0], "desk"), await arrive(server, names[0], "other")
        bob = f"{names[1]}@example.org"
        await alice.update_roster(bob, name="Bob", timeout=TIMEOUT)
        await until(lambda: other.client_roster[bob]["name"] == "Bob" and alice.client_roster[bob]["name"] == "Bob")
        assert alice.client_roster.version == other.client_roster.version != ""
        again = await other.get_roster(timeout=TIMEOUT)
        assert len(again["roster"]["items"]) == 0, "it has this version"
        await alice.update_roster(bob, name="Robert", timeout=TIMEOUT)
        await until(lambda: other.client_roster[bob]["name"] == "Robert")
        await alice.leave()
        await other.leave()

    run(scene())


def test_what_is_not_there_is_refused_with_an_error_that_a_stock_client_reads(server, names):  # noqa: F811
    async def scene():
        alice = await arrive(server, names[0], "desk")
        with pytest.raises(IqError) as refused:
            await alice.plugin["xep_0030"].get_info(jid="nobody@example.org", timeout=TIMEOUT)
        assert refused.value.condition == "service-unavailable"
        errors = asyncio.Queue()
        alice.add_event_handler("message_error", errors.put_nowait)
        alice.send_message(mto="nobody@example.org", mbody="hello", mtype="chat")
        error = await asyncio.wait_for(errors.get(), TIMEOUT)
        assert error["error"]["condition"] == "service-unavailable"
        await alice.leave()

    run(scene())
