"""A stock XMPP client, slixmpp, makes an account and changes its password: by an invitation from the command line, and by
itself where the operator lets anybody in.

Every wait has a time-out.
"""

import asyncio
import json
import subprocess
import uuid

import pytest
from slixmpp.exceptions import IqError
from slixmpp.xmlstream.handler import Waiter
from slixmpp.xmlstream.matcher import MatcherId

from test_client import Server, server  # noqa: F401  (the server is a fixture)
from test_xmpp import PASSWORD, TIMEOUT, Client, arrive, names, run  # noqa: F401  (names is a fixture)

NEW_PASSWORD = "another horse entirely"


def a_name():
    return f"carol-{uuid.uuid4().hex[:8]}"


async def soon(awaitable):
    return await asyncio.wait_for(awaitable, TIMEOUT)


def command(server, *words):  # noqa: F811
    asked = [server.binary, *words, "--config", server.config]
    return subprocess.run(asked, text=True, check=True, timeout=60, capture_output=True).stdout


class Newcomer(Client):
    """A client that has no account yet: makes one, with an invitation if it has one, and logs in."""

    def __init__(self, server, name, token=None):  # noqa: F811
        super().__init__(server, name, "first")
        self.register_plugin("xep_0066")
        self.register_plugin("xep_0077")
        self.token, self.form = token, None
        self.add_event_handler("register", self._make)

    async def _make(self, form):
        try:
            if self.token:
                # The library sends other requests only when there is a session.
                answer = Waiter("preauth", MatcherId("preauth"))
                self.register_handler(answer)
                self.send_raw(f"<iq type='set' id='preauth'><preauth xmlns='urn:xmpp:pars:0' token='{self.token}'/></iq>")
                shown = await answer.wait(TIMEOUT)
                if shown["type"] == "error":
                    raise IqError(shown)
            self.form = (await self["xep_0077"].get_registration(timeout=TIMEOUT))["register"]
            wish = self.make_iq_set()
            wish["register"]["username"], wish["register"]["password"] = self.boundjid.user, self.password
            await wish.send(timeout=TIMEOUT)
        except IqError as refused:
            self._fail(refused.condition)

    async def come(self, server):  # noqa: F811
        self.connect("127.0.0.1", server.port)
        await soon(self.here)
        return self


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    """A server that was told by a reload to let anybody in."""
    running = Server(tmp_path_factory.mktemp("belfry-open"))
    running.config.write_text(running.config.read_text().replace("[xmpp]\n", '[xmpp]\nregistration = "anybody"\n'))
    command(running, "reload")
    yield running
    running.stop()


def test_a_stock_client_changes_its_password_and_gets_in_by_the_new_one(server, names):  # noqa: F811
    async def scene():
        alice = await arrive(server, names[0], "desk")
        alice.register_plugin("xep_0066")
        alice.register_plugin("xep_0077")
        info = await soon(alice["xep_0030"].get_info(jid="example.org"))
        assert "jabber:iq:register" in info["disco_info"]["features"]
        known = (await soon(alice["xep_0077"].get_registration()))["register"]
        assert known["registered"] and known["username"] == names[0]
        await soon(alice["xep_0077"].change_password(NEW_PASSWORD, jid="example.org"))
        with pytest.raises(IqError) as refused:
            await soon(alice["xep_0077"].cancel_registration())
        assert refused.value.condition == "not-allowed"
        with pytest.raises(RuntimeError, match="the login was refused"):
            await arrive(server, names[0], "phone")
        phone = await arrive(server, names[0], "phone", NEW_PASSWORD)
        phone.send_message(alice.boundjid.bare, "still here", mtype="chat")
        await phone.leave()
        await alice.leave()

    run(scene())


def test_a_stock_client_makes_an_account_by_an_invitation_and_has_a_contact(server, names):  # noqa: F811
    async def scene():
        link = json.loads(command(server, "invite", f"{names[0]}@example.org", "--json"))
        head, token = link["xmpp"].split(";preauth=")
        assert head == "xmpp:example.org?register" and link["link"].endswith(f"/i/{token}")
        without = Newcomer(server, a_name())
        with pytest.raises(RuntimeError, match="forbidden"):
            await without.come(server)
        assert without.form["instructions"].startswith("Accounts here are made by invitation")
        carol = await Newcomer(server, a_name(), token).come(server)
        assert carol.client_roster[f"{names[0]}@example.org"]["subscription"] == "both"
        late = Newcomer(server, a_name(), token)
        with pytest.raises(RuntimeError, match="item-not-found"):
            await late.come(server)
        alice = await arrive(server, names[0], "desk")
        carol.send_message(alice.boundjid.bare, "I am in", mtype="chat")
        assert await alice.text() == (str(carol.boundjid.bare), "I am in")
        for client in (alice, carol, without, late):
            await client.leave()

    run(scene())


def test_a_stock_client_makes_an_account_by_itself_where_anybody_may(open_server):
    async def scene():
        name = a_name()
        carol = await Newcomer(open_server, name).come(open_server)
        assert {"username", "password"} <= carol.form["fields"]
        again = Newcomer(open_server, name)
        with pytest.raises(RuntimeError, match="conflict"):
            await again.come(open_server)
        await carol.leave()
        await again.leave()
        carol = await arrive(open_server, name, "second")
        await carol.leave()

    run(scene())
