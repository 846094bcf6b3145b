// From the schema's messages to the page's nouns.
//
// In come generated types; out go those of core/. Invariant: wire types end here.
import type {
  LobbyJoinReply,
  LobbyMessage,
  LobbyUpdate,
  Participant,
} from '../generated/belfry/v1/belfry_pb';
import type { ChatMessage, Person } from '../core/model';
import type { Joined, Update } from '../core/reducer';

export function toPerson(from: Participant): Person {
  return { name: from.name, account: from.account };
}

export function toMessage(from: LobbyMessage): ChatMessage {
  return {
    cseq: from.cseq,
    name: from.name,
    account: from.account,
    text: from.text,
    sentAt: Number(from.sentAtMs),
  };
}

export function toUpdate(from: LobbyUpdate): Update {
  return {
    messages: from.messages.map(toMessage),
    cursor: from.cseq,
    people: from.participantsChanged ? from.participants.map(toPerson) : null,
    peopleVersion: from.participantsVersion,
    gap: from.gap,
  };
}

export function toJoined(from: LobbyJoinReply): Joined {
  return {
    people: from.participants.map(toPerson),
    peopleVersion: from.participantsVersion,
    messages: from.messages.map(toMessage),
    cursor: from.cseq,
    more: from.more,
    textMax: from.textCharsMax || 140,
  };
}
