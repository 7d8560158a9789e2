import { operations } from '../../lib/api/contract.ts';
import { type Api, createApi, mount } from '../../lib/api/mount.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { labelObservation, observe } from '../../lib/run/commands/observe.ts';
import { cancelRun, decideIncident, triggerRollback } from '../../lib/run/commands/stop.ts';
import { declareNotApplicable, waive } from '../../lib/run/commands/waive.ts';
import { approvalPages } from './approvals.ts';
import type { PeopleParts } from './people-parts.ts';
import { signInPages } from './sign-in-pages.ts';

/** What people may do: decide, observe, stop; and the pages on which they sign in and answer. */
export const peopleApi = (parts: PeopleParts): Api => {
  const { world } = parts;
  const api = createApi();
  const line = ({ run, check }: { readonly run: string; readonly check: string }) => ({ run, line: check });
  mount(api, operations.attest, world, ({ params, body, caller, request }) => attest(world, { ...line(params), ...body, request }, caller));
  mount(api, operations.waive, world, ({ params, body, caller, request }) => waive(world, { ...line(params), ...body, request }, caller));
  mount(api, operations.declareNotApplicable, world, ({ params, body, caller, request }) =>
    declareNotApplicable(world, { ...line(params), ...body, request }, caller),
  );
  mount(api, operations.observe, world, ({ params, body, caller }) => observe(world, { ...params, ...body }, caller));
  mount(api, operations.labelObservation, world, ({ params, body, caller, request }) =>
    labelObservation(world, { ...params, ...body, request }, caller),
  );
  mount(api, operations.triggerRollback, world, ({ params, body, caller, request }) =>
    triggerRollback(world, { ...params, ...body, request }, caller),
  );
  mount(api, operations.cancelRun, world, ({ params, body, caller }) => cancelRun(world, { ...params, ...body }, caller));
  mount(api, operations.decideIncident, world, ({ params, body, caller }) => decideIncident(world, { ...params, ...body }, caller));
  approvalPages(api, parts);
  signInPages(api, parts);
  return api;
};
