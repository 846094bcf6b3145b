"""A stock XMPP client, slixmpp, and what it finds beside messages: private storage, cards, last activity, client
state, the archive's metadata.

The server is started by the fixture of test_client.py. Every wait has a time-out.
"""

import asyncio

import pytest
from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0048.stanza import Bookmarks
from slixmpp.xmlstream import ET

from test_client import server  # noqa: F401  (the server is a fixture)
from test_xmpp import Client, TIMEOUT, arrive, names, run  # noqa: F401  (names is a fixture)

PLUGINS = ("xep_0012", "xep_0048", "xep_0049", "xep_0054", "xep_0060", "xep_0092", "xep_0202", "xep_0352")
PNG = b"\x89PNG\r\n\x1a\n and more"


async def come(server, name, resource):
    client = await arrive(server, name, resource)
    for plugin in PLUGINS:
        client.register_plugin(plugin)
    return client


async def soon(awaitable):
    return await asyncio.wait_for(awaitable, TIMEOUT)


def test_bookmarks_are_kept_for_the_next_client(server, names):  # noqa: F811
    async def scene():
        alice = await come(server, names[0], "desk")
        bookmarks = Bookmarks()
        bookmarks.add_conference("room@rooms.example", "al", name="Room", autojoin=True)
        await soon(alice["xep_0049"].store(bookmarks))
        await alice.leave()
        alice = await come(server, names[0], "phone")
        kept = await soon(alice["xep_0049"].retrieve("bookmarks"))
        rooms = kept["private"]["bookmarks"]["conferences"]
        assert [str(room["jid"]) for room in rooms] == ["room@rooms.example"]
        await alice.leave()

    run(scene())


def test_a_card_with_its_picture_is_seen_by_a_contact_and_not_by_a_stranger(server, names):  # noqa: F811
    async def scene():
        alice, bob = await come(server, names[0], "desk"), await come(server, names[1], "desk")
        card = alice["xep_0054"].make_vcard()
        card["FN"], card["DESC"] = "Alice Liddell", "curious"
        card["PHOTO"]["TYPE"], card["PHOTO"]["BINVAL"] = "image/png", PNG
        await soon(alice["xep_0054"].publish_vcard(card))
        with pytest.raises(IqError) as stranger:
            await soon(bob["xep_0054"].get_vcard(alice.boundjid.bare, cached=False))
        with pytest.raises(IqError) as nobody:
            await soon(bob["xep_0054"].get_vcard("nobody-at-all@example.org", cached=False))
        assert stranger.value.condition == nobody.value.condition
        await soon(alice.update_roster(bob.boundjid.bare, name="Bob"))
        seen = (await soon(bob["xep_0054"].get_vcard(alice.boundjid.bare, cached=False)))["vcard_temp"]
        assert (seen["FN"], seen["DESC"], seen["PHOTO"]["BINVAL"]) == ("Alice Liddell", "curious", PNG)
        await alice.leave()
        await bob.leave()

    run(scene())


def test_the_server_tells_its_version_and_uptime(server, names):  # noqa: F811
    async def scene():
        alice = await come(server, names[0], "desk")
        version = await soon(alice["xep_0092"].get_version("example.org"))
        assert version["software_version"]["name"] == "Belfry"
        uptime = await soon(alice["xep_0012"].get_last_activity("example.org"))
        assert int(uptime["last_activity"]["seconds"]) >= 0
        with pytest.raises(IqError) as stranger:
            await soon(alice["xep_0012"].get_last_activity(f"{names[1]}@example.org"))
        assert stranger.value.condition == "forbidden"
        await alice.leave()

    run(scene())


def test_a_client_that_is_not_looked_at_still_gets_its_messages(server, names):  # noqa: F811
    async def scene():
        alice, bob = await come(server, names[0], "phone"), await come(server, names[1], "desk")
        alice["xep_0352"].send_inactive()
        bob.send_message(alice.boundjid.bare, "are you there?", mtype="chat")
        assert (await alice.text())[1] == "are you there?"
        alice["xep_0352"].send_active()
        bob.send_message(alice.boundjid.bare, "now?", mtype="chat")
        assert (await alice.text())[1] == "now?"
        await alice.leave()
        await bob.leave()

    run(scene())


def test_the_archive_says_where_it_begins_and_what_it_can_be_asked(server, names):  # noqa: F811
    async def scene():
        alice, bob = await come(server, names[0], "phone"), await come(server, names[1], "desk")
        bob.send_message(alice.boundjid.bare, "first", mtype="chat")
        await alice.text()
        info = await soon(alice["xep_0030"].get_info(jid=alice.boundjid.bare))
        assert "urn:xmpp:mam:2#extended" in info["disco_info"]["features"]
        metadata = await soon(alice["xep_0313"].get_archive_metadata())
        assert metadata["mam_metadata"]["start"]["id"] == metadata["mam_metadata"]["end"]["id"]
        fields = await soon(alice["xep_0313"].get_fields())
        assert {"with", "start", "end", "before-id", "after-id", "ids"} <= set(fields.get_fields())
        await alice.leave()
        await bob.leave()

    run(scene())


def test_of_personal_pubsub_the_read_marks_are_there_and_nothing_else(server, names):  # noqa: F811
    async def scene():
        alice, bob = await come(server, names[0], "phone"), await come(server, names[1], "desk")
        bob.send_message(alice.boundjid.bare, "read me", mtype="chat")
        said = await soon(alice.messages.get())
        item = ET.Element("{urn:xmpp:mds:displayed:0}displayed")
        mark = ET.SubElement(item, "{urn:xmpp:sid:0}stanza-id")
        mark.set("by", alice.boundjid.bare)
        mark.set("id", said["stanza_id"]["id"])
        await soon(alice["xep_0060"].publish(alice.boundjid.bare, "urn:xmpp:mds:displayed:0", id=bob.boundjid.bare, payload=item))
        kept = await soon(alice["xep_0060"].get_items(alice.boundjid.bare, "urn:xmpp:mds:displayed:0"))
        assert [one["id"] for one in kept["pubsub"]["items"]["substanzas"]] == [bob.boundjid.bare]
        with pytest.raises(IqError) as refused:
            await soon(alice["xep_0060"].publish(alice.boundjid.bare, "urn:xmpp:avatar:data", id="x", payload=item))
        assert refused.value.condition == "feature-not-implemented"
        await alice.leave()
        await bob.leave()

    run(scene())
