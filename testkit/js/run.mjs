// Runs the tests of this folder against one server: `npm test`, or `npm test -- converse.test.mjs`.
//
// In come BELFRY_BIN (else ../../target/debug/belfry) and the names of test files; out goes the end of `node --test`.
// Invariant: what was started here is ended here, and its data is removed.
//
// Node learns whom to trust when it starts, so the server is started before the tests are: they trust its self-made
// certificate and no other.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const START_MS = 60_000;

const binary = process.env.BELFRY_BIN ?? new URL('../../target/debug/belfry', import.meta.url).pathname;
if (!existsSync(binary)) throw new Error(`${binary} is not there: build the server first, or set BELFRY_BIN`);

const folder = await mkdtemp(join(tmpdir(), 'belfry-js-'));
const [port, pagePort] = [await freePort(), await freePort()];
const config = join(folder, 'belfry.toml');
await writeFile(
  config,
  `[server]
domain = "localhost"
listen = ["127.0.0.1:${port}"]
data = ${JSON.stringify(join(folder, 'data'))}
[connections]
exempt = ["127.0.0.0/8"]
[contacts]
unanswered = 0
[limits]
sends = "unlimited"
changes = "unlimited"
history = "unlimited"
requests = "unlimited"
requests_by_device = "unlimited"
[metrics]
listen = ""
[log]
level = "warn"
[xmpp]
listen = []
origins = ["http://localhost:${pagePort}"]
`,
);
const server = spawn(binary, ['serve', '--config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
let status = 1;
try {
  await answers();
  const tests = spawn(process.execPath, ['--test', '--test-force-exit', ...process.argv.slice(2)], {
    cwd: new URL('.', import.meta.url).pathname,
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: join(folder, 'data', 'tls', 'cert.pem'),
      // @xmpp/client needs a WebSocket, which Node has by itself from version 22 on.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${globalThis.WebSocket ? '' : '--experimental-websocket'}`,
      BELFRY_TEST: JSON.stringify({ binary, config, port, pagePort }),
    },
  });
  status = await ended(tests);
} finally {
  server.kill('SIGTERM');
  await ended(server);
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = status ?? 1;

async function answers() {
  for (const until = Date.now() + START_MS; Date.now() < until; await pause(50)) {
    if (server.exitCode !== null) throw new Error(`the server ended with status ${server.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    if (answer?.ok) return;
  }
  throw new Error('the server does not answer');
}

/** Its exit status; null: a signal ended it. */
function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
