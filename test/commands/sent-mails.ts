import type { Notification } from '../../lib/ports.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { FakeDependencies } from '../fakes.ts';
import { artifact, ci } from '../given.ts';
import type { Story } from '../story.ts';

/** Reads what the fake mailer was given: notifications as JSON. `to`: the name before the address's @. */
export type Kind = Notification['kind'];
export type Sent = Notification & { readonly to: string };

export const sentIn = (mails: FakeDependencies['controls']['mailer']['mails']): Sent[] =>
  mails.map((mail) => ({ ...(JSON.parse(mail.text) as Notification), to: mail.to.address.split('@')[0] ?? '' }));

export const report = ({ deps, run }: Story, state: 'started' | 'finished' | 'failed') =>
  reportDeployment(deps, { run, state, environment: 'production', component: 'web', digest: artifact }, ci);

export const later = async ({ deps, machine }: Story, minutes = 8): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    deps.controls.clock.advance(60_000);
    await sweep(deps);
    await machine.settle();
  }
};

/** What was mailed since the call. */
export const watch = ({ deps }: Story) => {
  const before = new Set(deps.controls.mailer.mails);
  return (kind: Kind): Sent[] =>
    sentIn(deps.controls.mailer.mails.filter((mail) => !before.has(mail))).filter((mail) => mail.kind === kind);
};

export const names = (mails: readonly Sent[]): string[] => mails.map(({ to }) => to).sort();
