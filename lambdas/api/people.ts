import { operations } from '../../lib/api/contract.ts';
import { type Api, createApi, mount } from '../../lib/api/mount.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { approvalPages } from './approvals.ts';
import type { PeopleParts } from './people-parts.ts';
import { signInPages } from './sign-in-pages.ts';

/** What people may do: decide, observe, stop; and the pages on which they sign in and answer. */
export const peopleApi = (parts: PeopleParts): Api => {
  const { deps } = parts;
  const api = createApi();
  const check = ({ run, check }: { readonly run: string; readonly check: string }) => ({ run, check });
  mount(api, operations.attest, deps, ({ params, body, caller, request }) => attest(deps, { ...check(params), ...body, request }, caller));
  mount(api, operations.waive, deps, ({ params, body, caller, request }) => waive(deps, { ...check(params), ...body, request }, caller));
  mount(api, operations.declareNotApplicable, deps, ({ params, body, caller, request }) =>
    declareNotApplicable(deps, { ...check(params), ...body, request }, caller),
  );
  mount(api, operations.observe, deps, ({ params, body, caller }) => observe(deps, { ...params, ...body }, caller));
  mount(api, operations.labelObservation, deps, ({ params, body, caller, request }) =>
    labelObservation(deps, { ...params, ...body, request }, caller),
  );
  mount(api, operations.triggerRollback, deps, ({ params, body, caller, request }) =>
    triggerRollback(deps, { ...params, ...body, request }, caller),
  );
  mount(api, operations.cancelRun, deps, ({ params, body, caller }) => cancelRun(deps, { ...params, ...body }, caller));
  mount(api, operations.decideIncident, deps, ({ params, body, caller }) => decideIncident(deps, { ...params, ...body }, caller));
  approvalPages(api, parts);
  signInPages(api, parts);
  return api;
};
