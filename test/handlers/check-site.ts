import { expect } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Identity } from '../../lib/api/identity.ts';
import { lanes } from '../../lib/audit/lane.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { fakeMac } from '../fakes.ts';
import * as given from '../pages/page-scenarios.ts';
import { ask, browser, type Reply } from './requests.ts';

const mac = fakeMac();
const reason = 'Tests follow in <b>ticket</b> 4412.';
type Fields = Readonly<Record<string, string>>;

/** The acts whose forms a page shows, in their order. */
export const actsOn = (page: Reply): string[] => [...page.text.matchAll(/name="act" value="([^"]+)"/g)].map(([, act]) => act ?? '');

/** The page of a check as one browser after the other sees it. */
export const siteOf = (story: given.Story, check: string, gate = 'phase-1') => {
  const api = peopleApi({ deps: story.deps, mac, stage: story.stage, signIn: createSignIn(story.stage) });
  const path = `/runs/${story.run}/checks/${check}`;
  const as = (id: string, changes: Partial<PersonCaller> = {}, session = 'session-1'): Identity =>
    browser({ ...given.callerOf(story, id), ...changes }, session);
  const open = (identity: Identity = as(given.technical), method = 'GET', query = ''): Promise<Reply> =>
    ask(api, { method, path, identity, query });
  const send = (fields: Fields, identity: Identity = as(given.technical), headers: Fields = {}): Promise<Reply> =>
    ask(api, {
      method: 'POST',
      path,
      identity,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams(fields).toString(),
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
  const lane = async () => story.deps.trail.read(`run/${story.run}`, { lane: lanes.check(gate, check) });
  const recorded = async (): Promise<readonly string[]> => (await lane()).map(({ event }) => event.type);
  const last = async () => (await lane()).at(-1)?.event;
  /** In so many hours, as a browser's field for date and time has it. */
  const inHours = (hours: number): string => new Date(story.deps.clock.now().getTime() + hours * 3_600_000).toISOString().slice(0, 16);
  return { path, as, open, send, form, recorded, last, inHours };
};
