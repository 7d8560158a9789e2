import { withIds } from './operation.ts';
import { auditOperations } from './operations/audit.ts';
import { checkOperations } from './operations/checks.ts';
import { ciOperations } from './operations/ci.ts';
import { environmentOperations } from './operations/environments.ts';
import { inboxOperations } from './operations/inbox.ts';
import { peopleOperations } from './operations/people.ts';
import { profileOperations } from './operations/profiles.ts';
import { standingOperations } from './operations/standing.ts';

/** Operations that return JSON. Each POST among them needs an Idempotency-Key. */
export const operations = withIds({
  ...ciOperations,
  ...checkOperations,
  ...peopleOperations,
  ...environmentOperations,
  ...profileOperations,
  ...standingOperations,
  ...auditOperations,
  ...inboxOperations,
});
