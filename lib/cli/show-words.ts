import type { RunView } from '../query/view.ts';
import { asWords, formatInstant } from '../wording.ts';
import { plain } from './plain.ts';

/** Notes and reasons that somebody has to act on or to know of; statements and the words of the start are on the page of the run. */
const shown: readonly string[] = [
  'approval-note',
  'waiver',
  'not-applicable',
  'exception-revocation',
  'incident-decision',
  'rollback-reason',
  'rollback-evidence',
  'rollback-decision',
  'rollback-step',
  'rollback-data',
  'rollback-cause',
  'rollback-fix',
  'power-review',
  'reschedule-reason',
  'freeze-override-reason',
  'cancellation-reason',
  'approval-recall',
  'observation',
  'label-explanation',
];

/** What people wrote about the run, one line each with its author; nothing for a caller who is not shown words. */
export const wordsText = ({ words }: Pick<RunView, 'words'>): string[] =>
  (words ?? [])
    .filter(({ kind }) => shown.includes(kind))
    .map(({ kind, by, at, role, gate, check, subject = null, observation, text, erasedAt }) => {
      const about = [gate, check, subject, observation].filter((part) => part !== null).join(' ');
      const said =
        text === null ? `(erased${erasedAt === null ? '' : ` on ${formatInstant(erasedAt)}`})` : `“${text.replace(/[“”]/g, '"')}”`;
      const author = `${by ?? 'the CI job'}${role === null ? '' : ` as ${asWords(role)}`}`;
      return plain(`${asWords(kind)}${about === '' ? '' : ` (${about})`}, ${formatInstant(at)}, ${author}: ${said}`);
    });
