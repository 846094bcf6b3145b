// The server that the browser tests talk to.
//
// In come BELFRY_URL (a server that runs already), BELFRY_BIN (a binary to start; else ../target/debug/belfry) or
// BELFRY_MOCK=1 (the stand-in of mock-server.ts); out go its address and, where it was started here, a restart.
// Invariant: what was started here is ended here, and its data is removed.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockHouse } from './mock-house';
import { MockLobby } from './mock-lobby';
import { startMock } from './mock-server';

export interface TestServer {
  url: string;
  /** Ends it and starts it again on the same data; null where it was not started here. */
  restart: ((pauseMs: number) => Promise<void>) | null;
  /** Makes an account, as its operator does, and gives its address; only where a real server was started here. */
  addAccount(name: string, password: string): Promise<string>;
  stop(): Promise<void>;
}

const BINARY = new URL('../../../target/debug/belfry', import.meta.url).pathname;
const START_MS = 60_000;

export async function startServer(): Promise<TestServer> {
  const given = process.env['BELFRY_URL'];
  if (given)
    return { url: given.replace(/\/$/, ''), restart: null, addAccount: noAccounts, stop: async () => {} };
  if (process.env['BELFRY_MOCK']) return mock();
  const binary = process.env['BELFRY_BIN'] ?? BINARY;
  if (!existsSync(binary)) {
    throw new Error(`${binary} is not there: build the server first, or set BELFRY_URL or BELFRY_BIN`);
  }
  return real(binary);
}

async function real(binary: string): Promise<TestServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const data = await mkdtemp(join(tmpdir(), 'belfry-web-'));
  // Whoever changes how the server is started changes it here alone.
  const start = async () => {
    const child = spawn(binary, ['serve', '--listen', `127.0.0.1:${port}`, '--data', data], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        BELFRY_METRICS__LISTEN: '',
        BELFRY_CONNECTIONS__EXEMPT: '127.0.0.0/8',
        BELFRY_CONTACTS__SIGN_UP_INVITES: 'everyone',
        BELFRY_LOG__LEVEL: 'warn',
      },
    });
    await answers(url, child);
    return child;
  };
  let child = await start();
  return {
    url,
    async restart(pauseMs) {
      await end(child);
      await pause(pauseMs);
      child = await start();
    },
    async addAccount(name, password) {
      const address = `${name}@localhost`;
      const adding = spawn(binary, ['account', 'add', address, '--password-stdin', '--data', data], {
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      adding.stdin.end(`${password}\n`);
      const status = await new Promise((resolve) => adding.once('exit', resolve));
      if (status !== 0) throw new Error(`${address} was not added`);
      return address;
    },
    async stop() {
      await end(child);
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The stand-in, whatever the environment says: for flows that are tried on it too. */
export async function mock(): Promise<TestServer> {
  const port = await freePort();
  const lobby = new MockLobby();
  const house = new MockHouse();
  let stop = await startMock(port, lobby, house);
  return {
    url: `http://127.0.0.1:${port}`,
    async restart(pauseMs) {
      await stop();
      lobby.forgetGuests();
      await pause(pauseMs);
      stop = await startMock(port, lobby, house);
    },
    async addAccount(name, password) {
      return house.accounts.add(name, password).address;
    },
    async stop() {
      lobby.close();
      await stop();
    },
  };
}

async function noAccounts(): Promise<string> {
  throw new Error('accounts are made only on a server that the tests have started');
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with status ${child.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error('the server does not answer');
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
