import { expect } from 'vitest';
import type { LeanStage } from './lean-stage.ts';

const commit = 'c'.repeat(40);

const large = (): string => {
  const cases = Array.from({ length: 30_000 }, (_, n) => `<testcase classname="shop.orders" name="keeps the order ${n}" time="0.01"/>`);
  const output = `<system-out>${'a line that a test wrote\n'.repeat(320_000)}</system-out>`;
  return `<testsuite name="unit">${cases.join('\n')}${output}</testsuite>`;
};

/** Sends a report of more than 4 MB as a pipeline does, whole and cut off. The profile in force asks for unit tests. */
export const sendLargeReport = async ({ write, holdpoint }: LeanStage): Promise<void> => {
  const of = ['--service', 'shop', '--environment', 'staging', '--version', '9.0.0', '--commit', commit];
  const artifact = ['--artifact', `web=sha256:${'a'.repeat(64)}`];
  const started = await holdpoint('start', ...of, ...artifact, '--reason', 'To send a large report', '--json');
  expect(started.code, started.err).toBe(0);
  const { run } = JSON.parse(started.out) as { readonly run: string };
  const report = large();
  expect(report.length).toBeGreaterThan(10_000_000);
  write('large/junit.xml', report);
  write('large/cut-junit.xml', report.slice(0, -100));
  const send = (file: string, ...more: string[]) => holdpoint('evidence', run, file, '--commit', commit, '--source', 'unit', ...more);
  const sent = await send('large/junit.xml', '--json');
  expect([sent.code, sent.err]).toEqual([0, '']);
  const recorded = JSON.parse(sent.out) as {
    readonly judged: readonly { readonly check: string; readonly verdict: string; readonly reason: string }[];
  };
  expect(recorded.judged).toContainEqual(expect.objectContaining({ verdict: 'pass', reason: expect.stringContaining('30000 tests') }));
  const cut = await send('large/cut-junit.xml');
  expect(cut.code).toBe(1);
  expect(cut.err).toContain('75 % uploaded');
  expect(cut.err).toContain('Evidence not readable');
};
