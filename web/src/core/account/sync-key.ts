// Places in an account's timeline: one value for each kind of data.
//
// In come keys and events' numbers; out goes what is new. Invariant: a key is handed back whole, with kinds that this
// page does not know.

export interface KeyValue {
  key: number;
  val: bigint;
}

export const KIND = { messages: 1, marks: 2, profiles: 3, settings: 4, contacts: 5 } as const;

export function valueOf(key: readonly KeyValue[], kind: number): bigint | null {
  return key.find((value) => value.key === kind)?.val ?? null;
}

export function sameKey(a: readonly KeyValue[], b: readonly KeyValue[]): boolean {
  return a.length === b.length && a.every((value) => valueOf(b, value.key) === value.val);
}

/** Whether all that `key` stands for is behind `place` already. */
export function isBehind(key: readonly KeyValue[], place: readonly KeyValue[]): boolean {
  return key.every((value) => {
    const at = valueOf(place, value.key);
    return at !== null && value.val <= at;
  });
}

const KIND_OF: Record<string, number> = {
  message: KIND.messages,
  amendment: KIND.messages,
  receipt: KIND.marks,
  mark: KIND.marks,
  profile: KIND.profiles,
  flags: KIND.settings,
  settings: KIND.settings,
  retention: KIND.settings,
  privacy: KIND.settings,
  contact: KIND.contacts,
};

/** Whether an event of this case and number came before `place`. */
export function wasTaken(place: readonly KeyValue[], what: string | undefined, seq: bigint): boolean {
  const kind = what === undefined ? undefined : KIND_OF[what];
  if (kind === undefined) return false;
  const at = valueOf(place, kind);
  return at !== null && seq <= at;
}
