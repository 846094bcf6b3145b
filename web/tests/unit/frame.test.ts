// The frame codec against the vectors of the server's own codec.
import { expect, test } from 'vitest';
import { decodeFrames, encodeFrame } from '../../src/protocol/frame';

const bytes = (...list: number[]) => new Uint8Array(list).buffer;

test('a heartbeat is sixteen bytes', () => {
  expect([...encodeFrame(2, 7, new Uint8Array())]).toEqual([
    0, 0, 0, 16, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7,
  ]);
});

test('several frames of one message are cut apart', () => {
  const one = encodeFrame(52, 1, new Uint8Array([1, 2, 3]));
  const two = encodeFrame(55, 0, new Uint8Array());
  const frames = decodeFrames(new Uint8Array([...one, ...two]).buffer);
  expect(frames.map((f) => [f.operation, f.seqId, [...f.body]])).toEqual([
    [52, 1, [1, 2, 3]],
    [55, 0, []],
  ]);
});

test('the surplus of a longer header is skipped', () => {
  const long = [
    0, 0, 0, 27, 0, 24, 0, 1, 0, 0, 0, 20, 0, 0, 0, 9, 238, 238, 238, 238, 238, 238, 238, 238, 1, 2, 3,
  ];
  expect(decodeFrames(bytes(...long)).map((f) => [...f.body])).toEqual([[1, 2, 3]]);
});

test('headers that contradict themselves are refused', () => {
  for (const bad of [
    bytes(0, 0, 0, 15, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7),
    bytes(0, 0, 0, 16, 0, 15, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7),
    bytes(0, 0, 0, 16, 0, 17, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7),
    bytes(0, 0, 0, 17, 0, 16, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7),
    bytes(0, 0, 0, 16, 0, 16, 0, 9, 0, 0, 0, 2, 0, 0, 0, 7),
    bytes(0, 0, 0, 16, 0, 16, 0),
  ]) {
    expect(() => decodeFrames(bad)).toThrow();
  }
});
