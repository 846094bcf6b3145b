// Counting, initials, colours and ids.
import { afterEach, expect, test, vi } from 'vitest';
import { AVATAR_COLOURS, avatarColour } from '../../src/core/avatar';
import { newId } from '../../src/core/ids';
import { countGraphemes, initials, isJumbo, tidyName } from '../../src/core/text';

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['', 0],
  ['Ada', 3],
  ['e\u0301', 1],
  ['\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}', 1],
  ['👍🏽👍🏽', 2],
  ['🇫🇷🇯🇵', 2],
  ['각', 1],
  ['a\r\nb', 3],
])('%j has %i characters', (text, count) => {
  expect(countGraphemes(text)).toBe(count);
});

test('a name is tidied as the server does', () => {
  expect(tidyName('  Ada \t Lovelace ')).toBe('Ada Lovelace');
  expect(tidyName('e\u0301')).toBe('\u00e9');
});

test.each([
  ['ada', 'A'],
  ['Grace Hopper', 'GH'],
  ['Anna Maria Luise', 'AL'],
  ['🦊 Fox', '🦊'],
  ['Fox 🦊', 'F'],
  ['李小龙', '李'],
  ['', ''],
])('the initials of %j are %j', (name, letters) => {
  expect(initials(name)).toBe(letters);
});

test('a few emoji are jumbo, other texts are not', () => {
  expect(['🎉', '👍🏽 👍🏽', '🇫🇷'].every(isJumbo)).toBe(true);
  expect(['', 'ok 🎉', '🎉🎉🎉🎉', '1', '#'].some(isJumbo)).toBe(false);
});

test('a name has one colour, however it is written in capitals', () => {
  expect(avatarColour('ADA')).toBe(avatarColour('ada'));
  const colours = new Set(Array.from({ length: 200 }, (_, i) => avatarColour(`guest ${i}`)));
  expect([...colours].every((colour) => colour >= 0 && colour < AVATAR_COLOURS)).toBe(true);
  expect(colours.size).toBe(AVATAR_COLOURS);
});

test('ids are UUIDs, in secure contexts and elsewhere', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(newId()).toMatch(uuid);
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  vi.stubGlobal('crypto', { getRandomValues });
  expect(newId()).toMatch(uuid);
  expect(newId()).not.toBe(newId());
});
