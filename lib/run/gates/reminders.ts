import type { reminderShares } from '../../audit/events/approval.ts';

export type Reminder = (typeof reminderShares)[number];

/** When a round whose first request is this one is reminded. Milliseconds since 1970. */
export const reminderAt = (
  { at, data: { expires } }: { readonly at: string; readonly data: { readonly expires: string } },
  share: Reminder,
): number => Date.parse(at) + ((Date.parse(expires) - Date.parse(at)) * share) / 100;
