// One request over HTTP: proto3 JSON both ways.
//
// In come an operation, its request and the guest's token; out comes the reply, or Refused or Unreachable. Invariant:
// every request ends, by an answer or by its time.
import {
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  create,
  fromJson,
  toJson,
} from '@bufbuild/protobuf';
import { Refused, Unreachable } from '../protocol/errors';
import type { Operation } from '../protocol/operations';

const ANSWER_MS = 15_000;

export interface HttpOptions {
  token?: string;
  /** How long the answer may take, over the usual. */
  holdMs?: number;
  signal?: AbortSignal;
  /** Let it finish though the page goes away. */
  keepalive?: boolean;
}

export async function post<Request extends DescMessage, Reply extends DescMessage>(
  operation: Operation<Request, Reply>,
  request: MessageInitShape<Request>,
  options: HttpOptions = {},
): Promise<MessageShape<Reply>> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json' };
  if (options.token) headers['Authorization'] = `Bearer ${options.token}`;
  const timeout = new AbortController();
  const abort = () => timeout.abort();
  const timer = setTimeout(abort, ANSWER_MS + (options.holdMs ?? 0));
  options.signal?.addEventListener('abort', abort);
  try {
    if (options.signal?.aborted) throw new Unreachable('given up');
    const response = await fetch(operation.path, {
      method: 'POST',
      headers,
      body: JSON.stringify(toJson(operation.request, create(operation.request, request))),
      signal: timeout.signal,
      keepalive: options.keepalive ?? false,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw refusal(answer, response.status);
    return fromJson(operation.reply, answer as Parameters<typeof fromJson>[1], { ignoreUnknownFields: true });
  } catch (error) {
    if (error instanceof Refused || error instanceof Unreachable) throw error;
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

/** The server's own word, or what a proxy in between said in its place. */
function refusal(answer: unknown, status: number): Refused | Unreachable {
  if (typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'string') {
    const message = 'message' in answer && typeof answer.message === 'string' ? answer.message : '';
    const retry = 'retryAfterMs' in answer ? Number(answer.retryAfterMs) : 0;
    return new Refused(answer.code, message, Number.isFinite(retry) ? retry : 0);
  }
  return new Unreachable(`status ${status}`);
}
