import { describe, expect, test, vi } from 'vitest';
import { Blocked } from '../../lib/local/demo/stage.ts';
import { waitFor } from '../../lib/local/demo/waiting.ts';

const { signal } = new AbortController();
const what = () => 'the mail';

describe('what the demo waits for', () => {
  test('is looked for again until it is there', async () => {
    const look = vi.fn(async () => (look.mock.calls.length === 3 ? 'found' : undefined));
    const progress = vi.fn();
    expect(await waitFor({ limitMs: 10_000, signal, what, look, progress })).toBe('found');
    expect(progress).not.toHaveBeenCalled();
  });

  test('blocks the demo when it does not come, in the words of the last look', async () => {
    let looks = 0;
    const waiting = waitFor({
      limitMs: 250,
      signal,
      what: () => `the end of the run: ${looks > 1 ? 'step 2' : 'step 1'}`,
      look: async () => {
        looks += 1;
        return undefined;
      },
    });
    await expect(waiting).rejects.toThrow(new Blocked('Waited 0.25 s in vain for the end of the run: step 2.'));
  });

  test('is announced from the second second on', async () => {
    const progress = vi.fn();
    const began = Date.now();
    const look = async () => (Date.now() - began > 1_500 ? true : undefined);
    await waitFor({ limitMs: 10_000, signal, what, look, progress });
    expect(progress).toHaveBeenCalledWith('waiting for the mail');
  });

  test('is given up when the demo ends, also in a pause', async () => {
    const demo = new AbortController();
    const waiting = waitFor({ limitMs: 60_000, signal: demo.signal, what, look: async () => undefined });
    demo.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow();
  });

  test('a look that fails ends the wait with its own error', async () => {
    const look = async () => Promise.reject(new Error('the API refuses'));
    await expect(waitFor({ limitMs: 10_000, signal, what, look })).rejects.toThrow('the API refuses');
  });
});
