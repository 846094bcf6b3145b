// A stand-in for the server: the page from dist/ with its headers, lobby and accounts over HTTP and over WebSocket.
//
// In comes a port; out goes a running server. Only for working on the page where the real one is not built.
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import {
  type DescMessage,
  type JsonValue,
  create,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { type WebSocket, WebSocketServer } from 'ws';
import * as schema from '../../src/generated/belfry/v1/belfry_pb';
import { decodeFrames, encodeFrame } from '../../src/protocol/frame';
import * as operations from '../../src/protocol/operations';
import type { MockLink } from './mock-accounts';
import { HOUSE_OPERATIONS, MockHouse } from './mock-house';
import { type Guest, MockLobby, Refusal } from './mock-lobby';

const DIST = new URL('../../dist/', import.meta.url).pathname;
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const OPERATIONS = [
  operations.LOGIN,
  operations.LOBBY_JOIN,
  operations.LOBBY_LEAVE,
  operations.LOBBY_SEND,
  operations.LOBBY_HISTORY,
  operations.LOBBY_POLL,
  ...HOUSE_OPERATIONS,
];

/* eslint-disable-next-line @typescript-eslint/no-explicit-any */
type Any = any;

export async function startMock(
  port: number,
  lobby: MockLobby,
  house: MockHouse,
): Promise<() => Promise<void>> {
  const open = new Set<WebSocket>();
  const server = createServer((request, response) => void answer(request, response, lobby, house));
  const sockets = new WebSocketServer({ server, path: '/v1/socket' });
  sockets.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveSocket(socket, lobby, house);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return async () => {
    for (const socket of open) socket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  lobby: MockLobby,
  house: MockHouse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (!path.startsWith('/v1/')) return page(path, response);
  const operation = OPERATIONS.find((known) => known.path === path);
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  try {
    if (!operation) throw new Refusal(404, 'unknown_operation', 'no such operation');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = fromJson(
      operation.request as DescMessage,
      JSON.parse(Buffer.concat(chunks).toString() || '{}') as JsonValue,
    );
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const origin = `http://${request.headers.host}`;
    const account = house.serves(operation.number);
    const guest = account || operation === operations.LOBBY_JOIN ? null : lobby.guest(token);
    if (operation === operations.LOBBY_POLL) await held(lobby, body as Any, response);
    const reply = account
      ? house.run(operation.number, token, null, body, origin)
      : run(operation.number, guest, body, lobby);
    const message = create(operation.reply as DescMessage, reply as Any);
    send(200, toJson(operation.reply as DescMessage, message));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', String(error));
    send(refusal.status, {
      code: refusal.code,
      message: refusal.message,
      retryAfterMs: String(refusal.retryAfterMs),
    });
  }
}

async function page(path: string, response: ServerResponse): Promise<void> {
  const file = join(DIST, normalize(/^\/(i\/\w+)?$/.test(path) ? '/index.html' : path));
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': CSP,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache',
    });
    response.end(body);
  } catch {
    response.writeHead(404, { 'Content-Security-Policy': CSP }).end();
  }
}

function run(operation: number, guest: Guest | null, body: Any, lobby: MockLobby): object {
  switch (operation) {
    case operations.LOBBY_JOIN.number:
      return lobby.join(body.name);
    case operations.LOBBY_LEAVE.number:
      lobby.leave(guest!);
      return {};
    case operations.LOBBY_SEND.number:
      return lobby.send(guest!, body.clientMessageId, body.text);
    case operations.LOBBY_HISTORY.number:
      return lobby.history(body.beforeCseq, body.limit);
    case operations.LOBBY_POLL.number:
      return lobby.after(body.afterCseq, body.participantsVersion);
  }
  throw new Refusal(404, 'unknown_operation', 'no such operation');
}

function held(lobby: MockLobby, body: Any, response: ServerResponse): Promise<void> {
  if (body.waitMs === 0 || lobby.hasNews(body.afterCseq, body.participantsVersion)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(done, Math.min(body.waitMs, 90_000));
    const forget = lobby.onBell(done);
    response.on('close', done);
  });
}

function serveSocket(socket: WebSocket, lobby: MockLobby, house: MockHouse): void {
  let guest: Guest | null = null;
  let link: MockLink | null = null;
  let reading: { cseq: bigint; version: bigint } | null = null;
  const tell = (operation: number, seqId: number, type: DescMessage, body: Any) =>
    socket.send(encodeFrame(operation, seqId, toBinary(type, create(type, body))));
  const forget = lobby.onBell(() => {
    if (!reading || socket.readyState !== socket.OPEN) return;
    if (!lobby.hasNews(reading.cseq, reading.version)) return;
    const news = lobby.after(reading.cseq, reading.version);
    reading = { cseq: news.cseq, version: news.participantsVersion };
    tell(operations.LOBBY_UPDATE, 0, schema.LobbyUpdateSchema, news);
  });
  socket.on('close', () => {
    forget();
    if (guest) lobby.linkClosed(guest);
    if (link) house.linkClosed(link);
  });
  socket.on('message', (data: Buffer) => {
    const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
    for (const frame of decodeFrames(bytes)) {
      if (frame.operation === operations.HEARTBEAT) {
        if (guest) guest.seenAt = Date.now();
        socket.send(encodeFrame(operations.HEARTBEAT, frame.seqId, new Uint8Array()));
        continue;
      }
      try {
        const operation = OPERATIONS.find((known) => known.number === frame.operation);
        if (!operation) throw new Refusal(404, 'unknown_operation', 'no such operation');
        const body = fromBinary(operation.request as DescMessage, frame.body) as Any;
        if (operation === operations.LOGIN && house.accounts.tokens.has(body.token)) {
          link = house.logIn(body.token, linkOf(socket, tell));
          const { address } = link.account;
          tell(frame.operation, frame.seqId, schema.LoginReplySchema, { address, guest: false });
          house.accounts.greet(link);
          continue;
        }
        if (house.serves(frame.operation)) {
          const reply = house.run(frame.operation, '', link, body, '');
          tell(frame.operation, frame.seqId, operation.reply as DescMessage, reply);
          continue;
        }
        if (operation === operations.LOGIN) {
          guest = lobby.guest(body.token);
          guest.links += 1;
          tell(frame.operation, frame.seqId, schema.LoginReplySchema, { address: guest.name, guest: true });
          continue;
        }
        const reply = run(frame.operation, guest, body, lobby) as Any;
        tell(frame.operation, frame.seqId, operation.reply as DescMessage, reply);
        if (operation === operations.LOBBY_POLL) {
          reading = { cseq: reply.cseq, version: reply.participantsVersion };
        }
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', String(error));
        tell(operations.ERROR, frame.seqId, schema.ErrorSchema, {
          code: refusal.code,
          message: refusal.message,
          retryAfterMs: BigInt(refusal.retryAfterMs),
        });
      }
    }
  });
}

/** A device's end of a socket. */
function linkOf(
  socket: WebSocket,
  tell: (operation: number, seqId: number, type: DescMessage, body: Any) => void,
): Omit<MockLink, 'account'> {
  return {
    subscribed: false,
    activity: schema.Activity.UNSPECIFIED,
    shown: schema.Availability.UNSPECIFIED,
    status: '',
    tell: (operation, type, body) => socket.readyState === socket.OPEN && tell(operation, 0, type, body),
    close(code) {
      tell(operations.GOING_AWAY, 0, schema.GoingAwaySchema, { code });
      socket.close();
    },
  };
}
