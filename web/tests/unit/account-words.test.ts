// Presence and times in words, routes, places in the timeline, labels, QR codes, what a browser is called.
import jsQR from 'jsqr';
import { describe, expect, test } from 'vitest';
import { hrefOf, invitationIn, toRoute } from '../../src/core/account/route';
import { isBehind, sameKey, wasTaken } from '../../src/core/account/sync-key';
import { lastSeen, presenceWords, shortTime } from '../../src/core/account/words';
import { qrCode } from '../../src/core/qr';
import { deviceName } from '../../src/net/session';

const NOW = new Date(2026, 10, 29, 15, 30).getTime();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('presence in words', () => {
  const offline = { availability: 'offline', status: '', lastSeen: 0 } as const;

  test('says how somebody is there, with what they say', () => {
    expect(presenceWords({ availability: 'busy', status: 'in a meeting', lastSeen: 0 }, NOW)).toBe(
      'busy · in a meeting',
    );
    expect(presenceWords({ availability: 'online', status: '', lastSeen: 5 }, NOW)).toBe('online');
  });

  test('says nothing that is not known', () => {
    expect(presenceWords(undefined, NOW)).toBe('');
    expect(presenceWords(offline, NOW)).toBe('offline');
  });

  test('says when somebody was there last, as one would', () => {
    expect(lastSeen(NOW - 5_000, NOW)).toBe('last seen just now');
    expect(lastSeen(NOW + 5_000, NOW)).toBe('last seen just now');
    expect(lastSeen(NOW - MINUTE, NOW)).toBe('last seen 1 minute ago');
    expect(lastSeen(NOW - 59 * MINUTE, NOW)).toBe('last seen 59 minutes ago');
    expect(lastSeen(NOW - 3 * 60 * MINUTE, NOW)).toMatch(/^last seen today at /);
    expect(lastSeen(NOW - DAY, NOW)).toMatch(/^last seen yesterday at /);
    expect(lastSeen(NOW - 40 * DAY, NOW)).toMatch(/^last seen .*20/);
    expect(lastSeen(NOW - 400 * DAY, NOW)).toMatch(/2025/);
  });

  test('times in lists are short', () => {
    expect(shortTime(NOW - DAY, NOW)).toBe('Yesterday');
    expect(shortTime(NOW - 3 * DAY, NOW)).toHaveLength(3);
    expect(shortTime(NOW - 400 * DAY, NOW)).toMatch(/2025/);
  });
});

describe('where one is', () => {
  test('an address survives the way there and back', () => {
    for (const address of ['bob@example.org', 'a/b@x', 'o’neil%40@x', 'ü#?@x']) {
      expect(toRoute(hrefOf.chat(address))).toEqual({ pane: 'chat', address });
      expect(toRoute(hrefOf.person(address))).toEqual({ pane: 'person', address });
    }
  });

  test('what is not understood is the list of chats', () => {
    for (const hash of ['', '#', '#/', '#/nowhere', '#/chat', '#/chat/', '#/chat/%E0%A4%A', '#<script>']) {
      expect(toRoute(hash)).toEqual({ pane: 'none', tab: 'chats' });
    }
    expect(toRoute('#/people')).toEqual({ pane: 'none', tab: 'people' });
    expect(toRoute('#/settings')).toEqual({ pane: 'settings' });
  });

  test('an invitation is found in the path alone', () => {
    expect(invitationIn('/i/abc_DEF-123')).toBe('abc_DEF-123');
    for (const path of ['/', '/i/', '/i/a/b', '/x/i/a', `/i/${'a'.repeat(201)}`, '/i/a%20b']) {
      expect(invitationIn(path)).toBeNull();
    }
  });
});

describe('places in the timeline', () => {
  const key = (...values: [number, number][]) => values.map(([key, val]) => ({ key, val: BigInt(val) }));

  test('are the same whatever their order', () => {
    expect(sameKey(key([1, 5], [2, 6]), key([2, 6], [1, 5]))).toBe(true);
    expect(sameKey(key([1, 5]), key([1, 5], [2, 6]))).toBe(false);
    expect(sameKey(key([1, 5]), key([1, 6]))).toBe(false);
  });

  test('are behind others if all of them is', () => {
    expect(isBehind(key([1, 5], [2, 5]), key([1, 5], [2, 9]))).toBe(true);
    expect(isBehind(key([1, 6], [2, 5]), key([1, 5], [2, 9]))).toBe(false);
    expect(isBehind(key([3, 1]), key([1, 5]))).toBe(false);
  });

  test('an event is taken once, by the value of its kind', () => {
    const place = key([1, 10], [2, 20], [5, 7]);
    expect(wasTaken(place, 'message', 10n)).toBe(true);
    expect(wasTaken(place, 'message', 11n)).toBe(false);
    expect(wasTaken(place, 'receipt', 11n)).toBe(true);
    expect(wasTaken(place, 'contact', 8n)).toBe(false);
    expect(wasTaken(place, 'profile', 1n)).toBe(false);
    expect(wasTaken(place, undefined, 1n)).toBe(false);
  });
});

test('a QR code reads as what it was made of', () => {
  for (const text of [
    'https://example.org/i/0123456789abcdef0123456789abcdef01234567',
    'http://localhost:8080/i/x',
  ]) {
    const { size, path } = qrCode(text);
    expect(jsQR(painted(size, path, 4), size * 4, size * 4)?.data).toBe(text);
  }
});

/** The path of a code as pixels, `scale` for each module. */
function painted(size: number, path: string, scale: number): Uint8ClampedArray {
  const side = size * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      const from = (row * side + Number(x) * scale) * 4;
      const to = from + Number(width) * scale * 4;
      for (let at = from; at < to; at += 4) pixels.fill(0, at, at + 3);
    }
  }
  return pixels;
}

test('a browser says what it is in the list of devices', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
  const firefox = 'Mozilla/5.0 (Windows NT 10.0; rv:144.0) Gecko/20100101 Firefox/144.0';
  expect(deviceName(chrome)).toBe('Chrome on Linux');
  expect(deviceName(firefox)).toBe('Firefox on Windows');
  expect(deviceName('curl')).toBe('Browser');
});
