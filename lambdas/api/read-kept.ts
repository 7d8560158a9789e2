import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Caller } from '../../lib/run/state/caller.ts';

/** What people wrote, and reports as they were kept, are for people who hold a role. A CI job gets the run without them. */
export const mayReadKept = (caller: Caller, what = 'what people wrote'): { readonly refused: Refusal } | undefined =>
  caller.kind === 'person' && caller.roles.length > 0
    ? undefined
    : refuse('role-missing', `Only people who hold a role may read ${what}.`, {
        got: caller.kind === 'ci' ? 'a CI job' : 'no role',
        expected: 'a person of the roster with a role',
        fix: 'Ask a person who holds a role.',
      });

/** The addresses from which people decided are for auditors alone. */
export const isAuditor = (caller: Caller): boolean => caller.kind === 'person' && caller.roles.includes('auditor');
