import * as z from 'zod';

export const noticeEvents = {
  /** Of several reconcilers that want to send a mail, the one whose claim is stored sends it. */
  'mail.claimed': z.strictObject({ purpose: z.string(), attempt: z.int().min(1) }),
  'notice.sent': z.strictObject({ notice: z.string(), people: z.array(z.string()), message: z.string() }),
} as const;
