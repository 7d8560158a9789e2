import type { DataOf, Stored } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import type { Item } from '../../lib/checklist/definition.ts';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import { check } from '../given.ts';

/** The lane of one check, and what it comes to. */

const at = '2026-03-02T08:00:00.000Z';
export const now = new Date('2026-03-02T12:00:00.000Z');
export const judged = (changes: Partial<DataOf<'check.judged'>>): DataOf<'check.judged'> => ({
  check: 'l',
  subject: '*/unit',
  verdict: 'pass',
  reason: 'fine',
  facts: genesis,
  evidence: 'e',
  attempt: 1,
  madeAt: '2026-03-02T08:00:00.000Z',
  producer: { run: 'r', attempt: 1 },
  goodUntil: null,
  by: null,
  words: null,
  ...changes,
});
export const lane = (
  ...events: readonly (readonly ['check.judged' | 'check.replaced' | 'check.waived' | 'check.not-applicable', object])[]
): Stored[] =>
  events.map(
    ([type, data], place) =>
      makeEvent(
        { scope: 'run/r', lane: 'check/phase-1/l', step: `${place}`, type, actor: { kind: 'system', id: 's' }, data } as never,
        { seq: place + 1, prev: genesis },
        new Date(at),
      ) as Stored,
  );
export const fold = (events: Stored[], changes: Partial<Item> = {}, components = ['web']) =>
  foldCheck({ check: check('l', 'phase-1', changes), events, now, components, local: false, shortened: false });
