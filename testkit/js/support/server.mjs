// The server that the tests talk to: run.mjs has started it.
//
// In come names; out go accounts, and connections to it that can be cut. Invariant: no two accounts share a name.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect, createServer } from 'node:net';

export const PASSWORD = 'correct horse battery';

/** @xmpp/client misses an answer that is there before its own write has been told done: over loopback it would be. */
const LATENCY_MS = 5;

const given = process.env.BELFRY_TEST;
if (!given) throw new Error('start the tests with "npm test", which starts the server that they need');
export const { binary, config, port, pagePort } = JSON.parse(given);
export const url = `http://localhost:${port}`;

/** A new account with a password; its address. */
export function account(stem) {
  return add(`${stem}-${randomUUID().slice(0, 8)}@localhost`);
}

/** Makes an account of exactly this address. */
export async function add(address) {
  const adding = spawn(binary, ['account', 'add', address, '--password-stdin', '--config', config], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  adding.stdin.end(`${PASSWORD}\n`);
  const status = await new Promise((resolve) => adding.once('exit', resolve));
  if (status !== 0) throw new Error(`${address} was not added`);
  return address;
}

/** A way to the server that is as long as a short one is, and can be cut. */
export class Wire {
  #open = new Set();
  #door = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far);
    far.on('data', (data) => setTimeout(() => near.write(data), LATENCY_MS));
    far.on('error', () => {}).on('close', () => setTimeout(() => near.destroy(), LATENCY_MS));
    near.on('error', () => {}).on('close', () => far.destroy());
    this.#open.add(near);
    near.once('close', () => this.#open.delete(near));
  });

  static async lay() {
    const wire = new Wire();
    await new Promise((resolve) => wire.#door.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get port() {
    return this.#door.address().port;
  }

  /** Ends what goes through it, without a word to either end. */
  cut() {
    for (const near of this.#open) near.destroy();
  }

  async remove() {
    this.cut();
    await new Promise((resolve) => this.#door.close(resolve));
  }
}
