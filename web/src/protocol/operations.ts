// The operations that this page asks for: number on frames, path over HTTP, and the messages of both directions.
//
// In come the generated schemas; out goes one typed table. Invariant: numbers and paths are those of the server's own
// table (wire/src/operation.rs).
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import * as schema from '../generated/belfry/v1/belfry_pb';

export interface Operation<Request extends DescMessage, Reply extends DescMessage> {
  number: number;
  path: string;
  request: Request;
  reply: Reply;
}

export function operation<Request extends DescMessage, Reply extends DescMessage>(
  number: number,
  path: string,
  request: Request,
  reply: Reply,
): Operation<Request, Reply> {
  return { number, path, request, reply };
}

/** What the server tells by itself, or what has no body of its own. */
export const ERROR = 1;
export const HEARTBEAT = 2;
export const GOING_AWAY = 3;
export const LOBBY_UPDATE = 55;

export const LOGIN = operation(12, '/v1/session/login', schema.LoginRequestSchema, schema.LoginReplySchema);
export const LOBBY_JOIN = operation(
  50,
  '/v1/lobby/join',
  schema.LobbyJoinRequestSchema,
  schema.LobbyJoinReplySchema,
);
export const LOBBY_LEAVE = operation(
  51,
  '/v1/lobby/leave',
  schema.LobbyLeaveRequestSchema,
  schema.LobbyLeaveReplySchema,
);
export const LOBBY_SEND = operation(
  52,
  '/v1/lobby/send',
  schema.LobbySendRequestSchema,
  schema.LobbySendReplySchema,
);
export const LOBBY_HISTORY = operation(
  53,
  '/v1/lobby/history',
  schema.LobbyHistoryRequestSchema,
  schema.LobbyHistoryReplySchema,
);
export const LOBBY_POLL = operation(
  54,
  '/v1/lobby/poll',
  schema.LobbyPollRequestSchema,
  schema.LobbyUpdateSchema,
);

/** Asks for one operation, over whatever carries it. */
export type Call = <Request extends DescMessage, Reply extends DescMessage>(
  operation: Operation<Request, Reply>,
  request: MessageInitShape<Request>,
) => Promise<MessageShape<Reply>>;
