import * as z from 'zod';
import { defineEvent } from '../event-definition.ts';

export const noticeEvents = {
  /** Of several reconcilers that want to send a mail, the one whose claim is stored sends it. */
  'mail.claimed': defineEvent('reconciler', { purpose: z.string(), attempt: z.int().min(1) }),
  'notice.sent': defineEvent('reconciler', { notice: z.string(), people: z.array(z.string()), message: z.string() }),
} as const;
