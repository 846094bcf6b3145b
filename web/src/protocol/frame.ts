// The 16-byte frame of the native protocol, as WebSocket messages carry it.
//
// In come an operation, a sequence id and a body, or the bytes of one WebSocket message; out come the frame's bytes, or
// the whole frames of the message. Invariant: bytes that contradict their own header are refused, never guessed at.

export const HEADER_BYTES = 16;
const VERSION = 1;

export interface Frame {
  operation: number;
  /** Pairs an answer with its request; 0 on what the server tells by itself. */
  seqId: number;
  body: Uint8Array;
}

export function encodeFrame(operation: number, seqId: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length);
  view.setUint16(4, HEADER_BYTES);
  view.setUint16(6, VERSION);
  view.setUint32(8, operation);
  view.setUint32(12, seqId);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

export function decodeFrames(message: ArrayBuffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (at < message.byteLength) {
    if (message.byteLength - at < HEADER_BYTES) throw new Error('a frame is cut off');
    const view = new DataView(message, at);
    const packetLength = view.getUint32(0);
    const headLength = view.getUint16(4);
    const version = view.getUint16(6);
    if (version !== VERSION) throw new Error(`frame version ${version} is not known`);
    if (headLength < HEADER_BYTES || headLength > packetLength || packetLength > view.byteLength) {
      throw new Error('a frame header contradicts itself');
    }
    frames.push({
      operation: view.getUint32(8),
      seqId: view.getUint32(12),
      // A longer header has fields of a later version: they are skipped.
      body: new Uint8Array(message, at + headLength, packetLength - headLength),
    });
    at += packetLength;
  }
  return frames;
}
