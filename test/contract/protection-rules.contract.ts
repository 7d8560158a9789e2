import { describe, expect, it } from 'vitest';
import type { JobAnswer, ProtectionRules } from '../../lib/ports.ts';

/** What the code host has of its pipelines, and what their jobs were answered. */
export type Pipelines = Readonly<Record<string, { readonly commit: string; readonly ended?: boolean }>>;
export type Answered = {
  readonly rules: ProtectionRules;
  readonly answers: () => readonly Pick<JobAnswer, 'pipeline' | 'state' | 'comment'>[];
};

const commit = 'c'.repeat(40);
const job = { service: 'shop', pipeline: '4711', commit, comment: 'Holdpoint run r1 has passed the gate go.' } as const;

/** The rule is called `deploy`. */
export const protectionRulesContract = (codeHost: (pipelines: Pipelines) => Answered): void => {
  describe('protection rules', () => {
    it.each(['approved', 'rejected'] as const)('give a job of the commit the answer %s', async (state) => {
      const { rules, answers } = codeHost({ 4711: { commit } });
      expect(await rules.answer('deploy', { ...job, state })).toBe('taken');
      expect(answers()).toEqual([{ pipeline: '4711', state, comment: job.comment }]);
    });

    it('let a job wait on, with a comment', async () => {
      const { rules, answers } = codeHost({ 4711: { commit } });
      expect(await rules.answer('deploy', { ...job, state: null })).toBe('taken');
      expect(answers()).toEqual([{ pipeline: '4711', state: null, comment: job.comment }]);
    });

    it.each(['approved', 'rejected'] as const)('give a job of another commit no answer, also not %s', async (state) => {
      const { rules, answers } = codeHost({ 4711: { commit: 'd'.repeat(40) } });
      expect(await rules.answer('deploy', { ...job, state })).toBe('other-commit');
      expect(answers()).toEqual([{ pipeline: '4711', state: null, comment: expect.stringContaining('d'.repeat(40)) as unknown }]);
    });

    it('give a pipeline that has ended no answer', async () => {
      const { rules, answers } = codeHost({ 4711: { commit, ended: true } });
      expect(await rules.answer('deploy', { ...job, state: 'approved' })).toBe('over');
      expect(answers()).toEqual([]);
    });

    it('fail for a pipeline that the code host does not have', async () => {
      const { rules, answers } = codeHost({});
      await expect(rules.answer('deploy', { ...job, state: 'approved' })).rejects.toThrow('404');
      expect(answers()).toEqual([]);
    });
  });
};
