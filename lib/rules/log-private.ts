import * as z from 'zod';
import type { LogSampleFacts } from '../evidence/log-sample.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast } from './parameter-words.ts';

export const logPrivate = evidenceRule({
  kind: 'log-private/1',
  description: 'Enough lines of a log are there, and none holds a secret or personal data that has a known form.',
  evidence: 'log-sample',
  wants: () => 'lines of the log as JSON (JSONL)',
  parameters: { minLines: z.int().min(1) },
  words: { minLines: atLeast('lines of the log') },
  bounds: { minLines: { least: 1 } },
  judge: (rule, { lines, platform = 0, sensitive }: LogSampleFacts) => {
    const said = counted(lines, 'line');
    if (sensitive.length > 0) {
      const each = sensitive.map(({ kind, found, firstLine }) => `${kind} (${found}, first in line ${firstLine})`);
      return { verdict: 'fail', reason: `${said}; found: ${each.join(', ')}` };
    }
    if (lines - platform < rule.minLines)
      return {
        verdict: 'inconclusive',
        reason: `${said}${platform > 0 ? `, ${platform} of them of the platform itself` : ''}; at least ${rule.minLines} expected`,
      };
    return { verdict: 'pass', reason: `${said}, nothing sensitive found` };
  },
});
