// From the schema's messages of an account to the page's nouns, and back where a request needs it.
//
// In come generated types; out go those of core/account. Invariant: wire types end here; a value of an enumeration that
// is not known becomes the most reserved one.
import * as wire from '../generated/belfry/v1/belfry_pb';
import type {
  Audience,
  Availability,
  Chat,
  Contact,
  DirectMessage,
  Presence,
  Privacy,
  Profile,
} from '../core/account/model';
import type { AccountAction } from '../core/account/reducer';

const AVAILABILITY: Record<Availability, wire.Availability> = {
  online: wire.Availability.ONLINE,
  away: wire.Availability.AWAY,
  busy: wire.Availability.BUSY,
  offline: wire.Availability.OFFLINE,
};
const AUDIENCE: Record<Audience, wire.Audience> = {
  everyone: wire.Audience.EVERYONE,
  contacts: wire.Audience.CONTACTS,
  nobody: wire.Audience.NOBODY,
};

export function toContact(from: wire.Contact): Contact {
  const { address, name, labels, listed, to, asks, blocked } = from;
  const request = from.request && { at: Number(from.request.askedAtMs), note: from.request.note };
  return { address, name, labels, listed, to, from: from.from, asks, request: request ?? null, blocked };
}

export function toPresence(from: wire.Presence): [string, Presence] {
  const known = Object.entries(AVAILABILITY).find(([, value]) => value === from.availability);
  const availability = (known?.[0] ?? 'offline') as Availability;
  return [from.address, { availability, status: from.status, lastSeen: Number(from.lastSeenAtMs) }];
}

export function fromAvailability(availability: Availability): wire.Availability {
  return AVAILABILITY[availability];
}

export function toProfile(from: wire.Profile): Profile {
  return {
    address: from.address,
    name: from.displayName,
    about: from.about,
    pictureId: from.pictureId,
  };
}

export function toPrivacy(from: wire.Privacy): Privacy {
  return {
    readReceipts: toAudience(from.readReceipts),
    lastSeen: toAudience(from.lastSeen),
    picture: toAudience(from.picture),
    about: toAudience(from.about),
    foundByPhone: toAudience(from.foundByPhone),
  };
}

export function fromPrivacy(some: Partial<Privacy>): Record<string, wire.Audience> {
  return Object.fromEntries(Object.entries(some).map(([what, audience]) => [what, AUDIENCE[audience]]));
}

function toAudience(from: wire.Audience): Audience {
  const known = Object.entries(AUDIENCE).find(([, value]) => value === from);
  return (known?.[0] ?? 'nobody') as Audience;
}

export function toDirect(me: string, from: wire.Message): DirectMessage {
  return {
    cseq: from.cseq,
    mine: from.from === me,
    text: textOf(from.content),
    at: Number(from.sentAtMs),
    recalled: from.recalledAtMs > 0n,
    clientId: from.clientMessageId,
  };
}

export function toChat(me: string, from: wire.Conversation): Chat {
  const receipt = from.receipt;
  return {
    peer: from.peer,
    id: from.conversationId,
    activeAt: Number(from.activeAtMs),
    lastCseq: from.lastCseq,
    messages: from.message ? [toDirect(me, from.message)] : [],
    loaded: false,
    older: 'more',
    unread: from.unread,
    readCseq: from.readCseq,
    delivered: receipt?.deliveredCseq ?? 0n,
    readByPeer: receipt?.readCseq ?? 0n,
    undelivered: toStretches(receipt?.undelivered ?? []),
    request: from.settings?.request ?? false,
    typingUntil: 0,
  };
}

/** What an event means for the state; null: nothing that this page shows. */
export function toAction(me: string, event: wire.Event): AccountAction | null {
  const { item } = event;
  switch (item.case) {
    case 'message': {
      const peer = item.value.from === me ? item.value.to : item.value.from;
      const text = item.value.content ? textOf(item.value.content) : null;
      return {
        type: 'message',
        peer,
        id: item.value.conversationId,
        message: toDirect(me, item.value),
        text,
      };
    }
    case 'amendment': {
      const { conversationId: id, cseq, content, recalledAtMs } = item.value;
      return {
        type: 'amended',
        id,
        cseq,
        text: content ? textOf(content) : null,
        recalled: recalledAtMs > 0n,
      };
    }
    case 'flags': {
      const { conversationId: id, cseq, hidden } = item.value;
      return hidden ? { type: 'hidden', id, cseq } : null;
    }
    case 'receipt': {
      const { peer, deliveredCseq: delivered, readCseq: read, undelivered } = item.value;
      return { type: 'receipt', peer, delivered, read, undelivered: toStretches(undelivered) };
    }
    case 'mark':
      return { type: 'mark', id: item.value.conversationId, read: item.value.readCseq };
    case 'settings':
      return {
        type: 'settings',
        peer: item.value.peer,
        id: item.value.conversationId,
        request: item.value.request,
      };
    case 'profile':
      return { type: 'profiles', profiles: [toProfile(item.value)] };
    case 'privacy':
      return { type: 'privacy', privacy: toPrivacy(item.value) };
    case 'contact':
      return { type: 'contact', contact: toContact(item.value) };
    default:
      return null;
  }
}

const INSTEAD: Partial<Record<wire.ContentKind, string>> = {
  [wire.ContentKind.IMAGE]: '📷 Picture',
  [wire.ContentKind.VOICE]: '🎤 Voice message',
  [wire.ContentKind.VIDEO]: '🎬 Video',
  [wire.ContentKind.FILE]: '📎 File',
  [wire.ContentKind.LOCATION]: '📍 Place',
  [wire.ContentKind.CONTACT]: '👤 Contact',
};

function textOf(content: wire.Content | undefined): string {
  if (!content) return '';
  return content.text || (INSTEAD[content.kind] ?? '');
}

function toStretches(from: wire.Stretch[]): [bigint, bigint][] {
  return from.map(({ firstCseq, lastCseq }) => [firstCseq, lastCseq]);
}
