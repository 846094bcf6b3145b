// Back-off and the choice of the carrier.
import { describe, expect, test } from 'vitest';
import { backoff } from '../../src/core/backoff';
import { CarrierChoice, PollHold } from '../../src/core/carrier';

describe('back-off', () => {
  test('grows, with full jitter, to a cap', () => {
    expect(backoff(0, 0, 0)).toBe(0);
    expect(backoff(0, 0, 1)).toBe(600);
    expect(backoff(3, 0, 0.5)).toBe(2400);
    expect(backoff(50, 0, 1)).toBe(30_000);
  });
  test('is never sooner than the server asked, and never for ever', () => {
    expect(backoff(0, 5_000, 0)).toBe(5_000);
    expect(backoff(0, 5_000, 1)).toBe(5_600);
    expect(backoff(0, 1e12, 0)).toBe(600_000);
  });
});

describe('choice', () => {
  test('begins with WebSocket', () => expect(new CarrierChoice().next(0)).toBe('socket'));

  test('polls at once where WebSocket hangs', () => {
    const choice = new CarrierChoice();
    choice.socketFailed(true, 0);
    expect(choice.next(1)).toBe('poll');
  });

  test('polls after two quick failures', () => {
    const choice = new CarrierChoice();
    choice.socketFailed(false, 0);
    expect(choice.next(1)).toBe('socket');
    choice.socketEnded(100, 1);
    expect(choice.next(2)).toBe('poll');
  });

  test('a link that lived for a while is no failure', () => {
    const choice = new CarrierChoice();
    for (let i = 0; i < 5; i += 1) {
      choice.socketFailed(false, i);
      choice.socketWorks();
      choice.socketEnded(60_000, i);
    }
    expect(choice.next(9)).toBe('socket');
  });

  test('tries WebSocket again, ever more rarely, while polls work', () => {
    const choice = new CarrierChoice();
    choice.socketFailed(true, 0);
    expect(choice.retryAt).toBe(10_000);
    expect(choice.next(10_000)).toBe('socket');
    choice.socketFailed(false, 10_000);
    expect(choice.retryAt).toBe(30_000);
    for (let i = 0; i < 20; i += 1) choice.socketFailed(false, 0);
    expect(choice.retryAt).toBe(15 * 60_000);
  });

  test('takes turns where nothing gets through', () => {
    const choice = new CarrierChoice();
    choice.socketFailed(false, 0);
    choice.socketFailed(false, 0);
    expect(choice.next(1)).toBe('poll');
    choice.pollFailed();
    expect(choice.next(2)).toBe('socket');
    choice.socketFailed(false, 2);
    expect(choice.next(3)).toBe('poll');
  });
});

test('polls are held shorter where they are cut, longer where they are not', () => {
  const hold = new PollHold();
  hold.cut(300);
  expect(hold.ms).toBe(60_000);
  hold.cut(30_000);
  expect(hold.ms).toBe(24_000);
  hold.cut(12_000);
  expect(hold.ms).toBe(20_000);
  for (let i = 0; i < 50; i += 1) hold.idle();
  expect(hold.ms).toBe(80_000);
});
