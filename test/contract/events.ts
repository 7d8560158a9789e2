import { randomUUID } from 'node:crypto';
import type { Draft } from '../../lib/audit/event.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import type { AuditTrail, Authority, LaneStore } from '../../lib/ports.ts';
import { fakeAuthority } from '../fakes/services.ts';

/** A scope that no other test uses: suites share tables and never clean up. */
export const freshScope = (): string => `run/${randomUUID()}`;

export const refusalDraft = (scope: string, lane: string, step: string, detail = 'said no'): Draft<'request.refused'> => ({
  scope,
  lane,
  step,
  type: 'request.refused',
  actor: { kind: 'system', id: 'contract' },
  data: { action: 'contract', type: 'run-unknown', detail },
});

/** A trail with the real clock and real pauses. */
export const trailOver = (store: LaneStore, authority: Authority = fakeAuthority()): AuditTrail =>
  createTrail({
    store,
    authority,
    clock: { now: () => new Date() },
    random: { token: () => randomUUID(), fraction: Math.random },
    sleep: (milliseconds) =>
      new Promise((done) => {
        setTimeout(done, milliseconds);
      }),
  });
