// Somebody with a native client: the library for pages that the server itself serves, /belfry.js, and plain requests for
// what the library does not do.
//
// In come texts; out goes what was told. Invariant: what is waited for is waited for with a limit.
import { Belfry } from '../../../web/public/belfry.js';
import { PASSWORD, url } from './server.mjs';
import { Told } from './told.mjs';

export class Native {
  #told = new Told();
  #kept = new Map();

  constructor(address) {
    this.address = address;
    const storage = {
      getItem: (name) => this.#kept.get(name) ?? null,
      setItem: (name, value) => this.#kept.set(name, value),
      removeItem: (name) => this.#kept.delete(name),
    };
    this.belfry = new Belfry({ server: url, storage });
    for (const event of ['message', 'receipt', 'mark']) {
      this.belfry.on(event, (what) => this.#told.tell({ event, ...what }));
    }
  }

  static async arrive(address) {
    const native = new Native(address);
    await native.belfry.login(address, PASSWORD, 'native');
    await native.belfry.start();
    return native;
  }

  say(to, text) {
    return this.belfry.send(to, text);
  }

  /** The next text of somebody else. */
  async hears() {
    const heard = await this.#told.next((it) => it.event === 'message' && it.from !== this.address);
    return { from: heard.from, text: heard.content?.text };
  }

  /** Waits until the other side has read up to a message. */
  read(cseq) {
    return this.#told.next((it) => it.event === 'receipt' && BigInt(it.readCseq ?? 0) >= BigInt(cseq));
  }

  /** Carries one operation out: its answer. */
  async ask(path, body = {}) {
    const { token } = await post('/v1/session/token', JSON.parse(this.#kept.get('belfry.credentials')));
    return post(path, body, token);
  }

  /** The two become contacts of each other. */
  async meet(other) {
    await this.ask('/v1/contact/request', { address: other.address });
    await other.ask('/v1/contact/accept', { address: this.address });
  }

  leave() {
    this.belfry.stop();
  }
}

async function post(path, body, token) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${said.code}: ${said.message}`);
  return said;
}
