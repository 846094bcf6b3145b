// How a browser becomes a device of an account, and proves from then on that it is one.
//
// In come an address and a password, or an invitation; out goes a session, whose secret buys access tokens. Invariant:
// the password goes to the server once and is kept nowhere.
import type { Credentials, LookAtInviteReply } from '../generated/belfry/v1/belfry_pb';
import { InviteKind } from '../generated/belfry/v1/belfry_pb';
import { ADD_DEVICE, LOGOUT, LOOK_AT_INVITE, SIGN_UP, TOKEN } from '../protocol/account-operations';
import { post } from './http';

/** Renewed so long before it ends. */
const MARGIN_MS = 60_000;

export interface Session {
  address: string;
  deviceId: number;
  secret: string;
  token: string;
  /** Until when the token is good. */
  until: number;
}

export interface Invitation {
  token: string;
  /** Whether who has no account may make one. */
  signUp: boolean;
  address: string;
  name: string;
  until: number;
  /** The same for XMPP clients; empty: they do not come here. */
  xmpp: string;
}

export async function signIn(address: string, password: string): Promise<Session> {
  return toSession(await post(ADD_DEVICE, { address, password, deviceName: deviceName() }));
}

export async function signUp(
  token: string,
  name: string,
  password: string,
  displayName: string,
): Promise<Session> {
  return toSession(await post(SIGN_UP, { token, name, password, displayName, deviceName: deviceName() }));
}

export async function lookAtInvite(token: string): Promise<Invitation> {
  const reply: LookAtInviteReply = await post(LOOK_AT_INVITE, { token });
  return {
    token,
    signUp: reply.kind === InviteKind.SIGN_UP,
    address: reply.address,
    name: reply.displayName || reply.address,
    until: Number(reply.expiresAtMs),
    xmpp: reply.xmppUri,
  };
}

/** The session with a token that is good for a while. */
export async function renewed(session: Session, now: number): Promise<Session> {
  if (session.token !== '' && now < session.until - MARGIN_MS) return session;
  const { address, deviceId, secret: deviceSecret } = session;
  const reply = await post(TOKEN, { address, deviceId, deviceSecret });
  return { ...session, token: reply.token, until: now + Number(reply.expiresInMs) };
}

/** Removes this device from the account; what cannot be told is not waited for. */
export async function signOut(session: Session): Promise<void> {
  const { token } = await renewed(session, Date.now());
  await post(LOGOUT, {}, { token, keepalive: true });
}

function toSession(from: Credentials): Session {
  return {
    address: from.address,
    deviceId: from.deviceId,
    secret: from.deviceSecret,
    token: from.token,
    until: Date.now() + Number(from.tokenExpiresInMs),
  };
}

/** What the account's list of devices will say. */
export function deviceName(agent = navigator.userAgent): string {
  const browsers: [RegExp, string][] = [
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\/|CriOS\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ];
  const systems: [RegExp, string][] = [
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ];
  const first = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const system = first(systems);
  return `${first(browsers) ?? 'Browser'}${system ? ` on ${system}` : ''}`;
}
