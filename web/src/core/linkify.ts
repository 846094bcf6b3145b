// Finds the links in a text.
//
// In comes a text; out go its pieces, some with the address they lead to. Invariants: the pieces joined are the text,
// unchanged; an address is http or https, has no user part and hides nothing (no control characters that reorder text).

export interface Piece {
  text: string;
  href?: string;
}

const CANDIDATE = /\bhttps?:\/\/[^\s<>"'`\u2066-\u2069\u202a-\u202e\u200b-\u200f\u2028\u2029]+/giu;
const TRAILING = /[.,;:!?…)\]}*_~|]$/u;
const PAIRS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const candidate = trimmed(match[0]);
    const href = safeAddress(candidate);
    if (href === null) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: candidate, href });
    at = match.index + candidate.length;
  }
  if (at < text.length || pieces.length === 0) pieces.push({ text: text.slice(at) });
  return pieces;
}

/** Without the punctuation that belongs to the sentence; a closing bracket stays where the link opened it. */
function trimmed(candidate: string): string {
  let link = candidate;
  for (let last = TRAILING.exec(link)?.[0]; last !== undefined; last = TRAILING.exec(link)?.[0]) {
    const open = PAIRS[last];
    if (open !== undefined && count(link, open) >= count(link, last)) break;
    link = link.slice(0, -last.length);
  }
  return link;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function safeAddress(candidate: string): string | null {
  let url: URL;
  try {
    url = new URL(candidate);
  } catch {
    return null;
  }
  const web = url.protocol === 'http:' || url.protocol === 'https:';
  return web && url.hostname !== '' && url.username === '' && url.password === '' ? url.href : null;
}
