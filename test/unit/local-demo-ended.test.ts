import { expect, test, vi } from 'vitest';
import { startProbe } from '../../lib/local/demo/probe.ts';
import { startCustomers } from '../../lib/local/demo/release.ts';
import type { DemoStage } from '../../lib/local/demo/stage.ts';
import type { Workspace } from '../../lib/local/demo/workspace.ts';

const workspace: Workspace = {
  root: '/',
  folder: '/',
  endpoint: 'http://127.0.0.1:1',
  signal: AbortSignal.abort(new Error('the demo has ended')),
};

// The second release is prepared beside the first one, so that its probes may begin when the demo has ended with the first: nothing would stop them.
test('a probe and customers that begin after the end of the demo are refused, and ask nothing', () => {
  const request = vi.fn(async () => true);
  expect(() => startProbe(workspace, { name: 'late', about: 'nothing', everyMs: 1, request })).toThrow('the demo has ended');
  const every = vi.spyOn(globalThis, 'setInterval');
  const shop = { client: { readsOrder: request, url: 'http://127.0.0.1:1' } };
  expect(() => startCustomers({ workspace, shop } as unknown as DemoStage, 'late')).toThrow('the demo has ended');
  expect([request.mock.calls.length, every.mock.calls.length]).toEqual([0, 0]);
  every.mockRestore();
});
