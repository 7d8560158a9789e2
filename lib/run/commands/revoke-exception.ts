import { lanes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { excerpt } from '../../canonical-json.ts';
import { standingExceptions, wholeCheck } from '../../evaluation/check-parts.ts';
import { type PartSubject, partName } from '../../fields.ts';
import { refuse } from '../../outcome.ts';
import { signerRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import { checkOf, needsRole } from './authorize.ts';
import { runCommand } from './command.ts';
import { revokeSchema } from './inputs.ts';
import { type ExceptDependencies, recordException } from './record-exception.ts';

type Revocation = {
  readonly run: string;
  readonly check: string;
  readonly reason: string;
  readonly subject?: PartSubject | undefined;
  readonly request: string;
};

/**
 * Takes a waiver or a declaration back: the one for a part that is named, else every one of the check. It can only hold a release up, so everybody who signs may do it, the starter as well, and without a
 * fresh sign-in.
 */
export const revokeException = runCommand({
  id: 'revokeException',
  input: revokeSchema,
  callers: ['person'],
  action: () => 'revocation',
  decide: async (deps: ExceptDependencies, context, input: Revocation, caller: PersonCaller) => {
    const found = checkOf(context, input.check);
    if (found.refused) return found;
    const check = found.ok;
    const no = needsRole(caller, signerRoles, `exceptions to the check ${check.id}`);
    if (no !== undefined) return no;
    const lane = lanes.check(check.gate, check.id);
    const step = `exception-revoked/${input.request}`;
    const { subject } = input;
    const events = await deps.trail.read(context.scope, { lane });
    const isRepeated = events.some(({ event }) => event.id === eventId(context.scope, lane, step));
    const standing = standingExceptions(events);
    if (!isRepeated && !(subject === undefined ? standing.length > 0 : standing.includes(partName(subject))))
      return refuse(
        'nothing-to-revoke',
        `${placeOf(check.id, subject)} has neither a waiver nor a declaration that it is not applicable.`,
        {
          got: subject === undefined ? check.id : excerpt(partName(subject), 220),
          expected:
            subject === undefined || standing.length === 0
              ? 'a check with an exception that nobody has revoked'
              : excerpt(standing.map((name) => (name === wholeCheck ? 'the whole check' : name)).join(', '), 1000),
          fix: 'Look at the run for its exceptions.',
        },
      );
    const reason = await deps.people.keep(context.run, input.reason);
    const role =
      signerRoles.find((one) => one === check.owner && caller.roles.includes(one)) ?? signerRoles.find((one) => caller.roles.includes(one));
    return recordException(deps, context, check, {
      scope: context.scope,
      lane,
      step,
      type: 'check.exception-revoked',
      actor: actorOf(caller),
      data: { check: check.id, reason, by: caller.id, role: role ?? check.owner, ...(subject === undefined ? {} : { subject }) },
    });
  },
});

const placeOf = (check: string, subject: PartSubject | undefined): string =>
  subject === undefined ? `The check ${check}` : `This part of the check ${check}`;
