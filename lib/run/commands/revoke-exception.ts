import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { refuse } from '../../outcome.ts';
import { signerRoles } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import { checkOf, needsRole } from './authorize.ts';
import { runCommand } from './command.ts';
import { revokeSchema } from './inputs.ts';
import { type ExceptDependencies, recordException } from './record-exception.ts';

type Revocation = { readonly run: string; readonly check: string; readonly reason: string; readonly request: string };

/**
 * Takes a waiver or a declaration back. It can only hold a release up, so everybody who signs may do it, the starter as well, and without a
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
    const last = (await deps.trail.read(context.scope, { lane })).findLast(
      (stored) => isType('check.waived')(stored) || isType('check.not-applicable')(stored) || isType('check.exception-revoked')(stored),
    );
    if (last === undefined || (isType('check.exception-revoked')(last) && last.event.id !== eventId(context.scope, lane, step)))
      return refuse('nothing-to-revoke', `The check ${check.id} has neither a waiver nor a declaration that it is not applicable.`, {
        got: check.id,
        expected: 'a check with an exception that nobody has revoked',
        fix: 'Look at the run for its exceptions.',
      });
    const reason = await deps.people.keep(context.run, input.reason);
    const role =
      signerRoles.find((one) => one === check.owner && caller.roles.includes(one)) ?? signerRoles.find((one) => caller.roles.includes(one));
    return recordException(deps, context, check, {
      scope: context.scope,
      lane,
      step,
      type: 'check.exception-revoked',
      actor: actorOf(caller),
      data: { check: check.id, reason, by: caller.id, role: role ?? check.owner },
    });
  },
});
