import { alarmsCascade } from '../../rules/triggers/alarms-cascade.ts';
import { performanceWorse } from '../../rules/triggers/performance-worse.ts';
import { probeFails } from '../../rules/triggers/probe-fails.ts';
import { reportedTrigger } from '../../rules/triggers/reported.ts';
import { trigger } from '../builders.ts';
import type { Item } from '../definition.ts';

/** What opens the decision about a rollback after T0: measured, or declared by a person. */
export const triggers: readonly Item[] = [
  trigger('critical-feature-not-working', 'Critical feature not working', {
    proof:
      'A critical probe fails as often in a row as the stage file says (three times by default), or a person declares it with a reason.',
    rule: probeFails.of({ looksInARow: 1 }),
  }),
  trigger('data-corruption-detected', 'Data corruption detected', {
    proof:
      'A checksum job reports harmed data (an observation of kind `data`), or a person declares it with a reason and with what shows it: ids of rows, a query, a link, or events of the run.',
    declared: 'with-evidence',
    rule: reportedTrigger.of({ kinds: ['data'] }),
  }),
  trigger('performance-severely-degraded', 'Performance severely degraded (> 50%)', {
    proof:
      "p95 or error rate more than 50 % worse than the run's own baseline in two windows in a row, or a person declares it with a reason.",
    rule: performanceWorse.of({ maxWorsePct: 50, windowsInARow: 2, minPoints: 10, floorMs: 100, floorPct: 1 }),
  }),
  trigger('security-vulnerability-discovered', 'Security vulnerability discovered', {
    proof: 'A scanner reports a vulnerability (an observation of kind `security`), or a person declares it with a reason.',
    rule: reportedTrigger.of({ kinds: ['security'] }),
  }),
  trigger('multiple-cascading-errors', 'Multiple cascading errors', {
    proof: 'Three different alarms go red within five minutes, or a person declares it with a reason.',
    rule: alarmsCascade.of({ minAlarms: 3, withinSeconds: 300 }),
  }),
];
