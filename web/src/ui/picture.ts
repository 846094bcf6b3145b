// A picture of a person, made small in the browser.
//
// In comes a file; out go bytes that the server takes. Invariant: never more than the server's limit, square, and drawn
// anew, so that nothing of the file but its picture leaves the machine.
import { NotYet } from './form';

const SIDE = 256;
const BYTES_MAX = 65_536;
const QUALITIES = [0.9, 0.8, 0.7, 0.55, 0.4, 0.25];

export async function toPicture(file: Blob): Promise<{ mime: string; data: Uint8Array }> {
  let source: ImageBitmap;
  try {
    source = await createImageBitmap(file);
  } catch {
    throw new NotYet('This file is no picture that the browser can read.');
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d');
  if (!context) throw new NotYet('The browser cannot draw pictures.');
  const side = Math.min(source.width, source.height);
  const [x, y] = [(source.width - side) / 2, (source.height - side) / 2];
  context.imageSmoothingQuality = 'high';
  // Jpeg knows no transparency.
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, SIDE, SIDE);
  context.drawImage(source, x, y, side, side, 0, 0, SIDE, SIDE);
  source.close();
  for (const quality of QUALITIES) {
    // A browser that cannot write webp gives png instead.
    const webp = await encoded(canvas, 'image/webp', quality);
    const blob = webp?.type === 'image/webp' ? webp : await encoded(canvas, 'image/jpeg', quality);
    if (blob && blob.type !== 'image/png' && blob.size <= BYTES_MAX) {
      return { mime: blob.type, data: new Uint8Array(await blob.arrayBuffer()) };
    }
  }
  throw new NotYet('This picture cannot be made small enough.');
}

function encoded(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}
