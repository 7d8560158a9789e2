import type { operations } from '../../lib/api/contract.ts';
import type { Handle } from '../../lib/api/mount.ts';
import { recentSignInSeconds } from '../../lib/api/session.ts';
import { inboxPage } from '../../lib/console/inbox.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import type { PageHandlers } from '../../lib/console/serve.ts';
import { ok } from '../../lib/outcome.ts';
import { readInbox } from '../../lib/query/inbox.ts';
import type { AuditDependencies } from './audit.ts';
import { withPeople } from './people-names.ts';

type Handlers = {
  readonly readInbox: Handle<(typeof operations)['readInbox']>;
  readonly readMe: Handle<(typeof operations)['readMe']>;
};

/** What concerns the caller: what waits for a person, and who the caller is. */
export const inboxOperations = (deps: AuditDependencies): Handlers => ({
  readInbox: async ({ caller }) => withPeople(deps, ok(await readInbox(deps, caller)), caller),
  readMe: async ({ caller }) => {
    if (caller.kind === 'ci') {
      const { id, services, environments = null } = caller;
      return ok({ kind: 'ci', id, name: null, roles: [], services, environments, signedInAt: null, mayDecideUntil: null });
    }
    const { id, roles, signedInAt } = caller;
    return ok({
      kind: 'person',
      id,
      name: deps.roster.person(id)?.name ?? null,
      roles,
      services: Object.keys(deps.stage.environments),
      environments: null,
      signedInAt: signedInAt.toISOString(),
      mayDecideUntil: new Date(signedInAt.getTime() + recentSignInSeconds * 1000).toISOString(),
    });
  },
});

export const inboxPages = (deps: AuditDependencies): Pick<PageHandlers<'audit'>, 'showInbox'> => ({
  showInbox: async ({ caller }) => {
    const names = (id: string): string => deps.roster.person(id)?.name ?? id;
    return ok(
      await pageResponse(
        inboxPage(await readInbox(deps, caller), { person: caller.id, roles: caller.roles, now: deps.clock.now() }, names),
      ),
    );
  },
});
