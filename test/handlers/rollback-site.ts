import { expect } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Identity } from '../../lib/api/identity.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { fakeMac } from '../fakes.ts';
import * as given from '../pages/page-scenarios.ts';
import { rollbackLane } from '../rollback-given.ts';
import { ask, browser, type Reply } from './requests.ts';

export const mac = fakeMac();
export const reason = 'Half of the orders <b>fail</b> since noon.';
export type Fields = Readonly<Record<string, string>>;

/** The acts whose forms a page shows, in their order. */
export const actsOn = (page: Reply): string[] => [...page.text.matchAll(/name="act" value="([^"]+)"/g)].map(([, act]) => act ?? '');

/** The page of a run as one browser after the other sees it. */
export const siteOf = (story: given.Story) => {
  const api = peopleApi({ deps: story.deps, mac, stage: story.stage, signIn: createSignIn(story.stage) });
  const path = `/runs/${story.run}/rollback`;
  const as = (id: string, changes: Partial<PersonCaller> = {}, session = 'session-1'): Identity =>
    browser({ ...given.callerOf(story, id), ...changes }, session);
  const open = (identity: Identity = as(given.operations), method = 'GET', query = ''): Promise<Reply> =>
    ask(api, { method, path, identity, query });
  const send = (fields: Fields | string, identity: Identity = as(given.operations), headers: Fields = {}): Promise<Reply> =>
    ask(api, {
      method: 'POST',
      path,
      identity,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    });
  /** The form of an act on a page, filled in. */
  const form = (page: Reply, act: string, changes: Fields = {}): Fields => ({
    act,
    nonce:
      new RegExp(`name="act" value="${act}"><input type="hidden" name="nonce" value="([^"]*)"`).exec(page.text)?.[1] ??
      expect.fail(`no form ${act}`),
    reason,
    ...changes,
  });
  const recorded = (): Promise<readonly string[]> => rollbackLane(story.deps, story.run);
  const last = async () => (await story.deps.trail.read(`run/${story.run}`, { lane: 'rollback' })).at(-1)?.event;
  return { path, as, open, send, form, recorded, last };
};
