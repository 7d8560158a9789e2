import * as z from 'zod';
import { operation } from './operation.ts';
import { noBody, none } from './parameters.ts';

/** Pages of the console that are about more than one run. */

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
};
