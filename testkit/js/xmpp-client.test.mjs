// @xmpp/client, the XMPP library of JavaScript, by each carrier: logging in, chatting both ways with a native client,
// going on after a cut, the archive.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { client, xml } from '@xmpp/client';
import { Native } from './support/native.mjs';
import { PASSWORD, Wire, account } from './support/server.mjs';
import { Told } from './support/told.mjs';

const TIMEOUT_MS = 20_000;
const TEST = { timeout: 60_000 };

/** How a client comes in: the address of the service at a port. */
const CARRIERS = {
  starttls: (at) => `xmpp://127.0.0.1:${at}`,
  tls: (at) => `xmpps://localhost:${at}`,
  websocket: (at) => `ws://localhost:${at}/xmpp-websocket`,
};

/** Somebody with @xmpp/client. */
class Somebody {
  told = new Told();

  constructor(address, service, options = {}) {
    const [username, domain] = address.split('@');
    this.address = address;
    this.xmpp = client({
      service,
      domain,
      username,
      password: PASSWORD,
      resource: 'desk',
      timeout: TIMEOUT_MS,
      ...options,
    });
    this.xmpp.reconnect.delay = 50;
    this.xmpp.on('error', (error) => this.told.tell({ error }));
    this.xmpp.on('stanza', (stanza) => this.told.tell(stanza));
  }

  /** Logs in over a wire of its own, and is there. */
  static async arrive(address, service, options) {
    const wire = await Wire.lay();
    const somebody = new Somebody(address, service(wire.port), options);
    somebody.wire = wire;
    try {
      somebody.jid = await somebody.xmpp.start();
    } catch (error) {
      await somebody.leave();
      throw error;
    }
    await somebody.xmpp.send(xml('presence'));
    return somebody;
  }

  /** Sends a text; the id of its stanza. */
  async say(to, text) {
    const id = randomUUID();
    const origin = xml('origin-id', { xmlns: 'urn:xmpp:sid:0', id });
    await this.xmpp.send(xml('message', { type: 'chat', to, id }, xml('body', {}, text), origin));
    return id;
  }

  /** The next text of somebody else. */
  async hears() {
    const heard = await this.told.next((it) => it.name === 'message' && it.getChild('body'));
    return { from: heard.attrs.from.split('/')[0], text: heard.getChildText('body') };
  }

  async leave() {
    await this.xmpp.stop();
    await this.wire.remove();
  }
}

for (const [carrier, service] of Object.entries(CARRIERS)) {
  test(`xmpp_client_chats_with_a_native_client over ${carrier}`, TEST, async () => {
    const [alice, bob] = [await account('alice'), await account('bob')];
    const native = await Native.arrive(bob);
    const stock = await Somebody.arrive(alice, service);
    try {
      assert.equal(stock.jid.bare().toString(), alice);
      assert.ok(stock.xmpp.streamManagement.enabled, 'the stream can go on');
      await stock.say(bob, 'hello <bob> & ☃');
      assert.deepEqual(await native.hears(), { from: alice, text: 'hello <bob> & ☃' });
      await native.say(alice, 'hello <alice> & ☃');
      assert.deepEqual(await stock.hears(), { from: bob, text: 'hello <alice> & ☃' });
    } finally {
      native.leave();
      await stock.leave();
    }
  });

  test(`xmpp_client_goes_on_after_a_cut_and_nothing_is_lost_or_doubled over ${carrier}`, TEST, async () => {
    const [alice, bob] = [await account('alice'), await account('bob')];
    const native = await Native.arrive(bob);
    const stock = await Somebody.arrive(alice, service);
    try {
      await stock.say(bob, 'before');
      assert.equal((await native.hears()).text, 'before');
      const stream = stock.xmpp.streamManagement.id;
      for (let cut = 0; cut < 3; cut += 1) {
        const resumed = new Promise((resolve) => stock.xmpp.streamManagement.once('resumed', resolve));
        stock.wire.cut();
        await native.say(alice, `told ${cut}`);
        await resumed;
        await stock.say(bob, `said ${cut}`);
        assert.equal((await stock.hears()).text, `told ${cut}`);
        assert.equal((await native.hears()).text, `said ${cut}`);
      }
      assert.equal(stock.xmpp.streamManagement.id, stream, 'it is the same stream');
      await native.say(alice, 'the last');
      assert.equal((await stock.hears()).text, 'the last');
    } finally {
      native.leave();
      await stock.leave();
    }
  });

  test(`xmpp_client_pages_through_the_archive over ${carrier}`, TEST, async () => {
    const [alice, bob] = [await account('alice'), await account('bob')];
    const native = await Native.arrive(bob);
    const stock = await Somebody.arrive(alice, service);
    try {
      const said = [];
      for (let n = 0; n < 15; n += 1) {
        said.push(`text ${n}`);
        if (n % 2) await native.say(alice, said[n]);
        else {
          await stock.say(bob, said[n]);
          assert.equal((await native.hears()).text, said[n]);
        }
      }
      const heard = await archive(stock, bob);
      assert.deepEqual(heard, said);
    } finally {
      native.leave();
      await stock.leave();
    }
  });
}

/** All texts that the archive has with somebody, four at a time, oldest first. */
async function archive(stock, peer) {
  const texts = [];
  for (let after = ''; ;) {
    const queryid = randomUUID();
    const field = (name, value, type) => xml('field', { var: name, type }, xml('value', {}, value));
    const query = xml(
      'query',
      { xmlns: 'urn:xmpp:mam:2', queryid },
      xml(
        'x',
        { xmlns: 'jabber:x:data', type: 'submit' },
        field('FORM_TYPE', 'urn:xmpp:mam:2', 'hidden'),
        field('with', peer),
      ),
      xml(
        'set',
        { xmlns: 'http://jabber.org/protocol/rsm' },
        xml('max', {}, '4'),
        after && xml('after', {}, after),
      ),
    );
    const answer = await stock.xmpp.iqCaller.request(xml('iq', { type: 'set' }, query), TIMEOUT_MS);
    const fin = answer.getChild('fin', 'urn:xmpp:mam:2');
    const page = stock.told.taken(
      (it) => it.name === 'message' && it.getChild('result')?.attrs.queryid === queryid,
    );
    for (const message of page) {
      const forwarded = message.getChild('result').getChild('forwarded').getChild('message');
      texts.push(forwarded.getChildText('body'));
    }
    if (fin.attrs.complete === 'true') return texts;
    after = fin.getChild('set').getChildText('last');
    assert.ok(after && page.length > 0, 'a page that is not the last has messages');
  }
}

test('xmpp_client_logs_in_by_each_mechanism_that_it_knows', TEST, async () => {
  const alice = await account('alice');
  for (const mechanism of ['SCRAM-SHA-1', 'PLAIN']) {
    let offered;
    const stock = await Somebody.arrive(alice, CARRIERS.tls, {
      credentials: async (authenticate, mechanisms) => {
        offered = mechanisms;
        await authenticate({ username: alice.split('@')[0], password: PASSWORD }, mechanism);
      },
    });
    assert.ok(offered.includes(mechanism), `${offered}`);
    await stock.leave();
  }
});

test('xmpp_client_is_refused_with_a_wrong_password', TEST, async () => {
  const arriving = Somebody.arrive(await account('alice'), CARRIERS.tls, { password: 'wrong horse' });
  await assert.rejects(arriving, { name: 'SASLError', condition: 'not-authorized' });
});
