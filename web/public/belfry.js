// @ts-check
// A small client of a Belfry server for pages: log in, send, be told.
//
// In come a name and a password, texts, and what the server says; out go callbacks. It speaks the browser's sync protocol
// (docs/web-sync.md) and needs nothing else. Invariants: a message is sent with one id until the server has it, so it is
// stored once; an event is acknowledged only after its callbacks have returned, by the next request.

/**
 * @typedef {{address: string, deviceId: number, deviceSecret: string}} Credentials
 * @typedef {{id: string, to: string, text: string}} Outgoing
 * @typedef {{conversationId: string, cseq: string, from: string, to: string, sentAtMs: string,
 *   clientMessageId?: string, content?: {kind?: string, text?: string}}} Message
 * @typedef {{Count: number, List: {Key: number, Val: string}[]}} SyncKey
 * @typedef {{fetch?: typeof fetch, storage?: Storage, server?: string, name?: string,
 *   pause?: (ms: number) => Promise<void>}} Options
 */

/** A request that the server did not carry out. `code` is stable: docs/http.md lists them. */
export class Refused extends Error {
  /** @param {string} code @param {string} message @param {number} retryAfterMs */
  constructor(code, message, retryAfterMs = 0) {
    super(message);
    this.name = 'Refused';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

const HOLD_MS = 55_000;
const ANSWER_MS = 15_000;
const BACKOFF_MAX_MS = 30_000;
const OUTBOX_MAX = 500;
/** Trying again may help; with every other code a send stays refused. */
const PASSING = /^(try_later|going_away|storage_failed|storage_full|rate_limited|idle|unauthenticated)$/;
/** This device is not one of the account any more. */
const GONE = /^(replaced|revoked|wrong_credentials)$/;
/** Of synccheck; the others stop it too, and their code says why. */
const RETCODE = { tokenOver: 1101, superseded: 1103 };

export class Belfry {
  /** @type {Credentials | null} */ #credentials = null;
  #token = '';
  /** @type {SyncKey | null} */ #key = null;
  /** Grows with every start and stop: what an older loop still does counts no more. */
  #life = 0;
  /** @type {AbortController} */ #stopper = new AbortController();
  /** @type {Promise<void> | null} */ #flushing = null;
  /** @type {Map<string, ((value: any) => void)[]>} */ #listeners = new Map();
  /** Who waits for which text to be sent. @type {Map<string, {resolve: Function, reject: Function}>} */
  #waiting = new Map();

  /** @param {Options} options */
  constructor(options = {}) {
    this.server = options.server ?? '';
    this.name = options.name ?? 'belfry';
    this.fetch = options.fetch ?? ((...args) => fetch(...args));
    this.storage = options.storage ?? localStorage;
    this.pause = options.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#credentials = this.#stored('credentials', null);
  }

  /** One's own address; empty: nobody is logged in. */
  get address() {
    return this.#credentials?.address ?? '';
  }

  /** Texts that the server does not have yet. @returns {Outgoing[]} */
  get outbox() {
    return this.#stored('outbox', []);
  }

  /**
   * Calls back for `message`, `receipt`, `mark`, `profile`, `gap`, `reset`, `refused` (a text that will not be sent),
   * `status` ('online' or 'offline') and `ended` (logged out, with the reason).
   * @param {string} event @param {(value: any) => void} callback
   */
  on(event, callback) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), callback]);
    return this;
  }

  /** Makes this browser a device of an account. @param {string} address @param {string} password */
  async login(address, password, deviceName = 'browser') {
    const issued = await this.#request('POST', '/v1/session/add-device', { address, password, deviceName });
    const { address: full, deviceId, deviceSecret } = issued;
    this.#token = issued.token;
    if (full !== this.#stored('owner', '')) this.#store('outbox', []);
    this.#store('owner', full);
    this.#credentials = { address: full, deviceId, deviceSecret };
    this.#store('credentials', this.#credentials);
  }

  /**
   * Who one is and the recent conversations; and from there on callbacks tell what comes.
   * @returns {Promise<{profile: {address: string, displayName?: string}, conversations: any[]}>}
   */
  async start() {
    this.stop();
    this.#stopper = new AbortController();
    const begun = await this.#begin();
    void this.#follow(this.#life);
    void this.#flush();
    return begun;
  }

  /** No more callbacks. What was told and not asked for again comes after the next start. */
  stop() {
    this.#life += 1;
    this.#key = null;
    this.#stopper.abort();
  }

  /**
   * Sends a text, now or when the network is back. Resolves when it is on the server's disk.
   * @param {string} to @param {string} text @returns {Promise<{conversationId: string, cseq: string}>}
   */
  send(to, text) {
    const outbox = this.outbox;
    if (outbox.length >= OUTBOX_MAX)
      return Promise.reject(new Refused('too_large', 'Too much waits to be sent.'));
    const id = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4))).join('-');
    this.#store('outbox', [...outbox, { id, to, text }]);
    const sent = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    void this.#flush();
    return /** @type {Promise<any>} */ (sent);
  }

  /**
   * Older messages of a chat, newest last; none if there is no chat yet.
   * @param {string} peer @param {string} beforeCseq @returns {Promise<{messages: Message[], more: boolean}>}
   */
  async history(peer, beforeCseq = '0', limit = 50) {
    try {
      const page = await this.#call('POST', '/v1/message/history', { peer, beforeCseq, limit });
      return { messages: page.messages ?? [], more: page.more ?? false };
    } catch (error) {
      if (error instanceof Refused && error.code === 'not_found') return { messages: [], more: false };
      throw error;
    }
  }

  /** A chat is in front of the person: all of it is read. @param {string} peer */
  async opened(peer) {
    await this.#call('POST', '/v1/web/statusnotify', { peer });
  }

  /** Removes this device from its account. */
  async logout() {
    this.stop();
    await this.#call('POST', '/v1/web/logout', {}).catch((error) => {
      if (!(error instanceof Refused && GONE.test(error.code))) throw error;
    });
    this.#end('You have logged out.');
  }

  async #begin() {
    const begun = await this.#call('POST', '/v1/web/init', {});
    this.#key = begun.SyncKey;
    return begun;
  }

  /** Checks and syncs until it is stopped. @param {number} life */
  async #follow(life) {
    let failures = 0;
    let due = true;
    const going = () => this.#life === life;
    while (going()) {
      try {
        while (due) due = (await this.#syncOnce()) && going();
        this.#tell('status', 'online');
        void this.#flush();
        const key = this.#key?.List.map(({ Key, Val }) => `${Key}_${Val}`).join('%7C') ?? '';
        const said = await this.#call('GET', `/v1/web/synccheck?key=${key}&wait_ms=${HOLD_MS}`);
        if (said.retcode === RETCODE.superseded) await this.pause(5_000 + Math.random() * 5_000);
        else if (said.retcode !== 0)
          throw new Refused(said.code, said.message, Number(said.retryAfterMs ?? 0));
        due = said.selector !== 0 || said.retcode !== 0;
        failures = 0;
      } catch (error) {
        if (!going()) return;
        due = true;
        if (error instanceof Refused && GONE.test(error.code)) return this.#end(error.message);
        this.#tell('status', 'offline');
        await this.#wait(error, failures++);
      }
    }
  }

  /** Takes one page; whether there is more. */
  async #syncOnce() {
    const life = this.#life;
    const page = await this.#call('POST', '/v1/web/sync', { SyncKey: this.#key });
    if (life !== this.#life) return false;
    if (page.reset) this.#tell('reset', null);
    if (page.gap) this.#tell('gap', null);
    for (const event of page.events) {
      for (const kind of ['message', 'receipt', 'mark', 'profile']) {
        if (event[kind]) this.#tell(kind, event[kind]);
      }
    }
    // Only now: what was told is acknowledged by the next request.
    this.#key = page.SyncKey;
    return page.ContinueFlag === 1;
  }

  /** Sends what waits, one after the other, so that the order stays. */
  #flush() {
    this.#flushing ??= this.#sendAll().finally(() => (this.#flushing = null));
    return this.#flushing;
  }

  async #sendAll() {
    for (let failures = 0, first; (first = this.outbox[0]) && this.#credentials;) {
      const { id, to, text } = first;
      const done = () => {
        this.#store('outbox', this.outbox.filter((entry) => entry.id !== id)); // prettier-ignore
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        return waiting;
      };
      try {
        const sent = await this.#call('POST', '/v1/web/send', { to, clientMessageId: id, text });
        done()?.resolve(sent);
        failures = 0;
      } catch (error) {
        if (!this.#credentials) return;
        if (!(error instanceof Refused) || PASSING.test(error.code)) await this.#wait(error, failures++);
        else if (GONE.test(error.code)) return this.#end(error.message);
        else {
          done()?.reject(error);
          this.#tell('refused', { ...first, error });
        }
      }
    }
  }

  /** As long as the server says, and more with every failure. @param {unknown} error @param {number} failures */
  #wait(error, failures) {
    const asked = error instanceof Refused ? error.retryAfterMs : 0;
    return this.pause(asked + Math.min(BACKOFF_MAX_MS, 500 * 2 ** Math.min(failures, 10)) * Math.random());
  }

  /** With a token; one that is over is renewed once. @param {string} method @param {string} path @param {any} [body] */
  async #call(method, path, body) {
    if (!this.#credentials) throw new Refused('unauthenticated', 'Log in first.');
    if (!this.#token) await this.#renew();
    try {
      const said = await this.#request(method, path, body, this.#token);
      if (said.retcode !== RETCODE.tokenOver) return said;
    } catch (error) {
      if (!(error instanceof Refused && error.code === 'unauthenticated')) throw error;
    }
    await this.#renew();
    return this.#request(method, path, body, this.#token);
  }

  async #renew() {
    this.#token = (await this.#request('POST', '/v1/session/token', this.#credentials)).token;
  }

  /** @param {string} method @param {string} path @param {any} [body] @param {string} [token] @returns {Promise<any>} */
  async #request(method, path, body, token) {
    /** @type {Record<string, string>} */ const headers = {};
    if (token) headers['Authorization'] = `Bearer ${token}`;
    if (body) headers['Content-Type'] = 'application/json';
    const signals = [AbortSignal.timeout(ANSWER_MS + (method === 'GET' ? HOLD_MS : 0))];
    if (method === 'GET') signals.push(this.#stopper.signal);
    const sent = body ? JSON.stringify(body) : null;
    const signal = AbortSignal.any(signals);
    const answer = await this.fetch(this.server + path, {
      method,
      headers,
      body: sent,
      signal,
      cache: 'no-store',
    });
    const said = await answer.json();
    if (answer.ok) return said;
    throw new Refused(said.code ?? 'internal', said.message ?? '', Number(said.retryAfterMs ?? 0));
  }

  /** @param {string} why */
  #end(why) {
    this.stop();
    [this.#credentials, this.#token] = [null, ''];
    this.storage.removeItem(`${this.name}.credentials`);
    for (const { reject } of this.#waiting.values()) reject(new Refused('unauthenticated', why));
    this.#waiting.clear();
    this.#tell('ended', why);
  }

  /** A callback that fails does not keep the others from being told. @param {string} event @param {any} value */
  #tell(event, value) {
    for (const callback of this.#listeners.get(event) ?? []) {
      try {
        callback(value);
      } catch (error) {
        console.error(error);
      }
    }
  }

  /** @param {string} what @param {any} otherwise */
  #stored(what, otherwise) {
    try {
      return JSON.parse(this.storage.getItem(`${this.name}.${what}`) ?? 'null') ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  /** @param {string} what @param {any} value */
  #store(what, value) {
    this.storage.setItem(`${this.name}.${what}`, JSON.stringify(value));
  }
}
