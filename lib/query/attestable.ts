import { digestOf } from '../canonical-json.ts';
import type { Role } from '../roles.ts';
import type { Supply } from './supply.ts';
import type { Finding, RunView } from './view.ts';

/** Checks for which a run waits and which a person attests: now, or later, with what must come first. */
export type Attestable = {
  readonly now: readonly Finding[];
  readonly later: readonly { readonly finding: Finding; readonly supply: Supply }[];
};

/** What a person of these roles can attest of those for which the run waits. */
export const attestableBy = (run: Pick<RunView, 'gates' | 'supplies'>, roles: readonly Role[], now: Date): Attestable => {
  const own = run.supplies
    .filter(({ way, roles: wanted }) => way === 'attestation' && roles.some((role) => wanted.includes(role)))
    .flatMap((supply) => {
      const finding = run.gates.flatMap(({ checks }) => checks).find(({ check }) => check === supply.check);
      return finding === undefined ? [] : { finding, supply };
    });
  const isLater = ({ after, from }: Supply): boolean => after !== null || (from !== null && now.toISOString() < from);
  return {
    now: own.filter(({ supply }) => !isLater(supply)).map(({ finding }) => finding),
    later: own.filter(({ supply }) => isLater(supply)),
  };
};

/** Where a person attests a check: on the page of all where there are several, else on the page of the check. */
export const attestPageOf = (run: string, check: string, { now }: Attestable): string =>
  now.length > 1 ? `/runs/${run}/attest#statement-${check}` : `/runs/${run}/checks/${check}#attest`;

/** How a check is judged, in a few signs: a statement is about what its writer saw of it. */
export const stateOf = ({ check, verdict, attempt, facts, statement }: Finding): string =>
  digestOf([check, verdict, attempt, facts, statement?.digest ?? null]).slice(0, 12);
