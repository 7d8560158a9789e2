import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { anew, personIn } from '../given.ts';
import { hour } from '../story.ts';
import { at } from './environment-writers.ts';
import type { Case } from './writers.ts';

type Exceptions = Readonly<Record<'waive' | 'declareNotApplicable' | 'revokeException', readonly Case[]>>;

/** The writers of exceptions, over a run whose first gate has the one optional check `unit-tests`. */
export const exceptionWriters = (small: Case['given'], regressed: Case['follows']): Exceptions => ({
  waive: [
    {
      name: 'a waiver',
      given: small,
      command: ({ deps, run }) =>
        waive(
          deps,
          {
            request: anew(),
            run,
            check: 'unit-tests',
            reason: 'No machine to run them on.',
            until: new Date(deps.clock.now().getTime() + hour).toISOString(),
          },
          personIn(deps, 'technical-lead'),
        ),
      event: 'check.waived',
      follows: at('phase-2'),
    },
  ],
  declareNotApplicable: [
    {
      name: 'a declaration that a check is not applicable',
      given: small,
      command: ({ deps, run }) =>
        declareNotApplicable(
          deps,
          { request: anew(), run, check: 'unit-tests', reason: 'This release contains no code.' },
          personIn(deps, 'technical-lead'),
        ),
      event: 'check.not-applicable',
      follows: at('phase-2'),
    },
  ],
  revokeException: [
    {
      name: 'the revocation of a waiver after its gate has passed',
      given: async () => {
        const story = await small();
        const until = new Date(story.deps.clock.now().getTime() + hour).toISOString();
        const asked = { request: anew(), run: story.run, check: 'unit-tests', reason: 'No machine to run them on.', until };
        await waive(story.deps, asked, personIn(story.deps, 'technical-lead'));
        await story.machine.settle();
        return story;
      },
      command: ({ deps, run }) =>
        revokeException(
          deps,
          { request: 'revocation', run, check: 'unit-tests', reason: 'There is a machine after all.' },
          personIn(deps, 'operations-lead'),
        ),
      event: 'check.exception-revoked',
      follows: regressed,
    },
  ],
});
