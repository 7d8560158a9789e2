import * as z from 'zod';
import type { LogSampleFacts } from '../evidence/log-sample.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast, atMost } from './parameter-words.ts';

export const logStructured = evidenceRule({
  kind: 'log-structured/1',
  description: 'Enough lines of a log are there, and each is one JSON object with a time, a level and a message.',
  evidence: 'log-sample',
  wants: () => 'lines of the log as JSON (JSONL)',
  parameters: { minLines: z.int().min(1), maxUnstructuredPct: z.number().min(0).max(100) },
  words: { minLines: atLeast('lines of the log'), maxUnstructuredPct: atMost('lines without the structure', '%') },
  bounds: { minLines: { least: 1 }, maxUnstructuredPct: { most: 20 } },
  judge: (rule, facts: LogSampleFacts) => {
    const figures = `${counted(facts.lines, 'line')}, ${counted(facts.objects, 'JSON object')}, ${facts.complete} of them with time, level and message${facts.platform === undefined ? '' : `, ${facts.platform} of the platform itself`}`;
    const { platform = 0 } = facts;
    const bad = facts.lines - facts.complete - platform;
    const first =
      facts.firstUnstructured === null
        ? facts.firstIncomplete && `line ${facts.firstIncomplete.line} lacks ${facts.firstIncomplete.lacks}`
        : `line ${facts.firstUnstructured} is no JSON object with each name once`;
    if (bad * 100 > rule.maxUnstructuredPct * facts.lines)
      return { verdict: 'fail', reason: `${figures}; first: ${first}; at most ${rule.maxUnstructuredPct} % without expected` };
    // What the platform writes shows nothing of the service's own log.
    if (facts.lines - platform < rule.minLines)
      return {
        verdict: 'inconclusive',
        reason: `${figures}; at least ${counted(rule.minLines, 'line')}${platform > 0 ? ' of the service' : ''} expected`,
      };
    return { verdict: 'pass', reason: figures };
  },
});
