import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Workflow } from '../../lib/ports.ts';

/** `token` gives the token of the callback task that a started execution waits in; the task is the machine's last. */
export type WorkflowUnderTest = { readonly workflow: Workflow; readonly token: (execution: string) => Promise<string> };

/** An answer is taken a moment after it was accepted; the slot of the settle event, not this, decides who answers. */
const closes = (again: () => Promise<'sent' | 'closed'>): Promise<void> => expect.poll(again, { timeout: 5_000 }).toBe('closed');

export const workflowContract = (under: () => WorkflowUnderTest): void => {
  describe('workflow', () => {
    it('starts a run once, however often it is asked', async () => {
      const { workflow, token } = under();
      const run = randomUUID();
      const first = await workflow.start(run, { run });
      expect(await workflow.start(run, { run })).toEqual(first);
      expect(await workflow.describe(first.execution)).toEqual({ running: true });
      expect(await workflow.succeed(await token(first.execution), { run, outcome: 'passed' })).toBe('sent');
    });

    it('takes one answer for a token and is closed to every other', async () => {
      const { workflow, token } = under();
      const { execution } = await workflow.start(randomUUID(), {});
      const open = await token(execution);
      expect(await workflow.succeed(open, { outcome: 'passed' })).toBe('sent');
      await closes(() => workflow.succeed(open, { outcome: 'passed' }));
      expect(await workflow.fail(open, 'Rollback.Triggered', 'too late')).toBe('closed');
    });

    it('takes a failure, however long its cause', async () => {
      const { workflow, token } = under();
      const { execution } = await workflow.start(randomUUID(), {});
      const open = await token(execution);
      expect(await workflow.fail(open, 'Rollback.Triggered', 'x'.repeat(40_000))).toBe('sent');
      await closes(() => workflow.succeed(open, {}));
    });

    it('is closed to a token that it never gave', async () => {
      expect(await under().workflow.succeed('no-token-of-ours', {})).toBe('closed');
      expect(await under().workflow.fail('no-token-of-ours', 'Rollback.Triggered', '')).toBe('closed');
    });

    it('does not take an execution that it does not know for a running one', async () => {
      const { workflow } = under();
      const { execution } = await workflow.start(randomUUID(), {});
      expect(await workflow.describe(`${execution}-unknown`)).toEqual({ running: false });
    });
  });
};
