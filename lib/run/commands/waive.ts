import { lanes } from '../../audit/lane.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf } from '../state/run-context.ts';
import { checkOf, type GatedCheck } from './authorize.ts';
import { runCommand } from './command.ts';
import { waiveSchema } from './inputs.ts';
import { type ExceptDependencies, mayExcept, recordException } from './record-exception.ts';

/** A waiver ends, at the latest, after this time. Milliseconds. */
const longestWaiverMs = 90 * 86_400_000;

type Waiver = { readonly run: string; readonly check: string; readonly reason: string; readonly until: string; readonly request: string };

/** Accepts an exception to one check until an instant. */
export const waive = runCommand({
  id: 'waive',
  input: waiveSchema,
  callers: ['person'],
  action: () => 'waiver',
  decide: async (deps: ExceptDependencies, context, input: Waiver, caller: PersonCaller) => {
    const found = checkOf(context, input.check);
    if (found.refused) return found;
    const check = found.ok;
    const no = mayExcept(deps, context, check, caller) ?? badWaiver(check, input.until, deps.clock.now());
    if (no !== undefined) return no;
    const reason = await deps.people.keep(context.run, input.reason);
    return recordException(deps, context, check, {
      scope: context.scope,
      lane: lanes.check(check.gate, check.id),
      step: `waived/${input.request}`,
      type: 'check.waived',
      actor: actorOf(caller),
      data: { check: check.id, reason, until: input.until, by: caller.id, role: check.owner },
    });
  },
});

const badWaiver = (check: GatedCheck, until: string, now: Date): { readonly refused: Refusal } | undefined => {
  if (!check.waivable)
    return refuse('waiver-not-allowed', `The check ${check.id} may not be waived.`, {
      got: check.words,
      expected: check.proof,
      fix: 'Prove the check.',
    });
  const longest = new Date(now.getTime() + longestWaiverMs).toISOString();
  if (until > now.toISOString() && until <= longest) return undefined;
  return refuse('waiver-not-allowed', 'A waiver must end in the future, within 90 days.', {
    got: until,
    expected: `after ${now.toISOString()}, not after ${longest}`,
    fix: 'Name another end.',
  });
};
