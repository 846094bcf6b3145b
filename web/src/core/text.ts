// Texts as a person sees them: counting characters, initials, and whether a text is only a few emoji.
//
// In come strings; out go numbers and strings. Invariant: a character is a grapheme cluster, so a family emoji or a
// letter with its accents is one, as on the server.

const segmenter =
  typeof Intl !== 'undefined' && 'Segmenter' in Intl
    ? new Intl.Segmenter(undefined, { granularity: 'grapheme' })
    : null;

export function graphemes(text: string): string[] {
  // Without Intl.Segmenter (an old browser) code points are near enough: the server counts for good.
  return segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : Array.from(text);
}

export function countGraphemes(text: string): number {
  // Every printable ASCII character is a cluster of its own: the common case needs no segmenter.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : graphemes(text).length;
}

/** A name as the server will prepare it, as far as that changes its length. */
export function tidyName(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/gu, ' ');
}

/** One or two characters that stand for a name. */
export function initials(name: string): string {
  const words = tidyName(name).split(' ').filter(Boolean);
  const first = firstOf(words[0] ?? '');
  if (isPictograph(first)) return first;
  const second = words.length > 1 ? firstOf(words.at(-1) ?? '') : '';
  return (first + (isPictograph(second) ? '' : second)).toLocaleUpperCase();
}

/** One to three emoji and nothing else: shown large. */
export function isJumbo(text: string): boolean {
  const parts = graphemes(text.trim()).filter((part) => part.trim() !== '');
  return parts.length > 0 && parts.length <= 3 && parts.every(isPictograph);
}

function firstOf(word: string): string {
  return graphemes(word)[0] ?? '';
}

function isPictograph(cluster: string): boolean {
  return /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator})/u.test(cluster);
}
