// The colour of a name.
//
// In comes a name; out goes one of a fixed number of colours. Invariant: the same name has the same colour everywhere,
// however it is written in capitals.

export const AVATAR_COLOURS = 12;

export function avatarColour(name: string): number {
  // FNV-1a: short names that differ in one letter should not get neighbouring colours.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name.normalize('NFC').toLowerCase())) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) % AVATAR_COLOURS;
}
