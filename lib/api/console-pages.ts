import * as z from 'zod';
import { operation } from './operation.ts';
import { noBody, none } from './parameters.ts';

/** Pages of the console that are about more than one run. */

const text = z.string().max(300).optional();
/** As a browser's form sends it: fields that are left empty are there, too. The page judges the texts, so that it can show them again. */
export const searchFormSchema = z.object({
  run: text,
  service: text,
  actor: text,
  type: text,
  check: text,
  outcome: text,
  lane: text,
  from: text,
  to: text,
  cursor: z.string().max(2000).optional(),
});
export type SearchForm = z.infer<typeof searchFormSchema>;

/** So many events a download holds at most. */
export const mostExported = 1_000;

const shownPage = { status: 200, description: 'An HTML page.', schema: 'page' } as const;

export const consolePages = {
  showInbox: operation({
    method: 'GET',
    path: '/inbox',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show what waits for me',
    description: 'What GET /v1/inbox lists, for people who are signed in.',
    params: none,
    query: z.object({}),
    body: noBody,
    answer: shownPage,
    refusals: [],
  }),
  showAudit: operation({
    method: 'GET',
    path: '/audit',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Search the audit events',
    description: 'What GET /v1/audit/events finds, with a form; the filters stand in the address.',
    params: none,
    query: searchFormSchema,
    body: noBody,
    answer: shownPage,
    refusals: ['run-unknown', 'service-unknown', 'check-unknown', 'cursor-invalid'],
  }),
  showEvent: operation({
    method: 'GET',
    path: '/audit/event',
    function: 'audit',
    head: true,
    who: 'signed-in',
    summary: 'Show one audit event',
    description: 'All its fields, its hash and the one before it, its lane, and whether the lane verifies.',
    params: none,
    query: z.object({
      scope: z.string().regex(/^[\w./@-]{1,300}$/, 'the scope of an event'),
      lane: z.string().regex(/^[$-~]{1,300}$/, 'the lane of an event'),
      seq: z.coerce.number().int().min(1).max(99_999_999),
    }),
    body: noBody,
    answer: shownPage,
    refusals: ['event-unknown'],
  }),
  exportAudit: operation({
    method: 'GET',
    path: '/audit/export',
    function: 'audit',
    who: 'signed-in',
    summary: 'Download the events that a search found',
    description: `JSON Lines: one event a line, as GET /v1/audit/events answers it, ${mostExported} at most. Where others follow, the last line is an object with \`more\` and the address of the next download.`,
    params: none,
    query: searchFormSchema,
    body: noBody,
    answer: { status: 200, description: 'The events.', schema: 'page', mediaType: 'application/jsonl' },
    refusals: ['run-unknown', 'service-unknown', 'check-unknown', 'cursor-invalid'],
  }),
};
