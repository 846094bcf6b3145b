// A link over a WebSocket: requests with their answers, and what the server tells by itself.
//
// In come operations to ask for; out come replies, what is told, and in the end once why the link is over. Invariants:
// sequence ids rise from 1; every request ends when the link ends; a link that does not answer is closed.
import {
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  create,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import { ErrorSchema, GoingAwaySchema } from '../generated/belfry/v1/belfry_pb';
import { Refused, Unreachable } from '../protocol/errors';
import { type Frame, decodeFrames, encodeFrame } from '../protocol/frame';
import { ERROR, GOING_AWAY, HEARTBEAT, type Operation } from '../protocol/operations';

const OPEN_MS = 4_000;
const ANSWER_MS = 15_000;
const HEARTBEAT_MS = 25_000;
const HEARTBEAT_ANSWER_MS = 10_000;

/** Why a link ended. */
export interface Ending {
  /** What the server said before; empty if it said nothing. */
  code: string;
  retryAfterMs: number;
}

/** A WebSocket that did not open. */
export class NotOpened extends Error {
  override name = 'NotOpened';
  constructor(
    /** It neither opened nor failed in time. */
    readonly hung: boolean,
  ) {
    super('the WebSocket did not open');
  }
}

interface Waiting {
  resolve(body: Uint8Array): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class SocketLink {
  /** What the server tells by itself. Set before the login is sent. */
  onTold: (operation: number, body: Uint8Array) => void = () => {};
  readonly ended: Promise<Ending>;

  #socket: WebSocket;
  #seqId = 0;
  #waiting = new Map<number, Waiting>();
  #heartbeat: ReturnType<typeof setInterval>;
  #dead: ReturnType<typeof setTimeout> | undefined;
  #ending: Ending = { code: '', retryAfterMs: 0 };
  #end: (ending: Ending) => void = () => {};
  #over = false;

  static open(url: string): Promise<SocketLink> {
    return new Promise((resolve, reject) => {
      let socket: WebSocket;
      try {
        socket = new WebSocket(url);
      } catch {
        reject(new NotOpened(false));
        return;
      }
      socket.binaryType = 'arraybuffer';
      const timer = setTimeout(() => fail(true), OPEN_MS);
      const fail = (hung: boolean) => {
        clearTimeout(timer);
        socket.onopen = socket.onclose = null;
        socket.close();
        reject(new NotOpened(hung));
      };
      socket.onclose = () => fail(false);
      socket.onopen = () => {
        clearTimeout(timer);
        resolve(new SocketLink(socket));
      };
    });
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = () => this.close();
    this.#heartbeat = setInterval(() => this.check(), HEARTBEAT_MS);
  }

  request<Request extends DescMessage, Reply extends DescMessage>(
    operation: Operation<Request, Reply>,
    request: MessageInitShape<Request>,
    answerMs = ANSWER_MS,
  ): Promise<MessageShape<Reply>> {
    const body = toBinary(operation.request, create(operation.request, request));
    return new Promise<Uint8Array>((resolve, reject) => {
      if (this.#over) {
        reject(new Unreachable('the link is closed'));
        return;
      }
      const seqId = this.#send(operation.number, body);
      const timer = setTimeout(() => this.close(), answerMs);
      this.#waiting.set(seqId, { resolve, reject, timer });
    }).then((answer) => fromBinary(operation.reply, answer));
  }

  /** Sends a heartbeat; the link ends if it is not answered soon. */
  check(): void {
    if (this.#over || this.#dead !== undefined) return;
    this.#send(HEARTBEAT, new Uint8Array());
    this.#dead = setTimeout(() => this.close(), HEARTBEAT_ANSWER_MS);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#dead);
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Unreachable('the link was lost'));
    }
    this.#waiting.clear();
    this.#end(this.#ending);
  }

  #send(operation: number, body: Uint8Array): number {
    this.#seqId += 1;
    this.#socket.send(encodeFrame(operation, this.#seqId, body));
    return this.#seqId;
  }

  #received(data: unknown): void {
    try {
      if (!(data instanceof ArrayBuffer)) throw new Error('text on a binary link');
      for (const frame of decodeFrames(data)) this.#frame(frame);
    } catch {
      this.close();
    }
  }

  #frame(frame: Frame): void {
    // Whatever arrives shows that the link lives.
    clearTimeout(this.#dead);
    this.#dead = undefined;
    if (frame.seqId === 0) {
      if (frame.operation !== GOING_AWAY) this.onTold(frame.operation, frame.body);
      else {
        const told = fromBinary(GoingAwaySchema, frame.body);
        this.#ending = { code: told.code, retryAfterMs: Number(told.retryAfterMs) };
      }
      return;
    }
    const waiting = this.#waiting.get(frame.seqId);
    if (!waiting) return;
    this.#waiting.delete(frame.seqId);
    clearTimeout(waiting.timer);
    if (frame.operation === ERROR) {
      const told = fromBinary(ErrorSchema, frame.body);
      waiting.reject(new Refused(told.code, told.message, Number(told.retryAfterMs)));
    } else {
      waiting.resolve(frame.body);
    }
  }
}

export function socketUrl(): string {
  const url = new URL('/v1/socket', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
