// A text as a QR code.
//
// In comes a text; out go the size of the square and one path that paints its dark modules. Invariant: the quiet zone of
// four modules is part of the square, and the ground is the caller's to paint.
import { encode } from 'uqr';

const QUIET = 4;

export interface QrCode {
  size: number;
  path: string;
}

export function qrCode(text: string): QrCode {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET });
  return { size, path: data.map(rowPath).join('') };
}

/** One bar for each run of dark modules. */
function rowPath(row: boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x += 1) {
    if (!row[x]) continue;
    let end = x + 1;
    while (row[end]) end += 1;
    path += `M${x} ${y}h${end - x}v1H${x}z`;
    x = end;
  }
  return path;
}
