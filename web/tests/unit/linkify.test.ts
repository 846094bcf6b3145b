// Links: what becomes one, where it ends, and what never does.
import { expect, test } from 'vitest';
import { linkify } from '../../src/core/linkify';

const links = (text: string) =>
  linkify(text).flatMap((piece) => (piece.href === undefined ? [] : [piece.text]));

test.each([
  ['see https://example.com.', 'https://example.com'],
  ['(http://example.com/a)', 'http://example.com/a'],
  ['https://en.example.org/wiki/Bell_(tower)', 'https://en.example.org/wiki/Bell_(tower)'],
  ['https://example.com/?q=1&r=2#x, and', 'https://example.com/?q=1&r=2#x'],
  ['HTTPS://EXAMPLE.COM/', 'HTTPS://EXAMPLE.COM/'],
  ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
  ['"https://example.com"', 'https://example.com'],
])('%j has the link %j', (text, link) => {
  expect(links(text)).toEqual([link]);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'ftp://example.com',
  'https://',
  'http:example.com',
  'https://user:secret@example.com/',
  'https://example.com@evil.example/',
  'xhttps://example.com',
])('%j has no link', (text) => {
  expect(links(text)).toEqual([]);
});

test('a link ends before a character that reorders text', () => {
  expect(links('https://example.com/\u202egpj.exe')).toEqual(['https://example.com/']);
});

test('the pieces are the text', () => {
  for (const text of ['', 'a', 'a https://b.c d https://e.f', 'https://b.c', 'https://a:b@c https://d.e!']) {
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  }
});
