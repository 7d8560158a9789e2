import type { Notification } from '../../lib/ports.ts';

export const url = 'http://localhost/approvals/abcdefghijklmnopqrstuvwxyz012345';
const release = { run: '20260302-080000-abcdefghij', service: 'shop', environment: 'production', version: '1.4.0', name: 'Tove', url };

/** A notification of each kind. `text`: a reason that somebody wrote. */
export const notificationsOf = (changes: Partial<typeof release> & { readonly text?: string } = {}): readonly Notification[] => {
  const { text = 'the log is full', ...others } = changes;
  const base = { ...release, ...others };
  return [
    {
      kind: 'approval-requested',
      ...base,
      gateTitle: 'Go / no-go',
      role: 'technical-lead',
      expires: '2026-03-09T08:00:00.000Z',
      code: 'AD0A63',
      round: 1,
    },
    { kind: 'deployment-announced', ...base, plannedT0: '2026-03-09T08:00:00.000Z' },
    { kind: 'gate-overdue', ...base, gateTitle: 'Post-Deployment', reasons: [text, 'the window ends at 2026-03-02T12:00:00.000Z'] },
    {
      kind: 'exception-recorded',
      ...base,
      gateTitle: 'Go / no-go',
      checkTitle: 'Final code review',
      by: 'Tove',
      at: '2026-03-02T08:00:00.000Z',
      until: '2026-03-04T08:00:00.000Z',
    },
    { kind: 'incident-opened', ...base, interrupted: 'go-no-go' },
  ];
};
