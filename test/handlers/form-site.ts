import { expect } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Identity } from '../../lib/api/identity.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { fakeMac } from '../fakes.ts';
import * as given from '../pages/page-scenarios.ts';
import { ask, browser, type Reply } from './requests.ts';

export type Fields = Readonly<Record<string, string>>;
export const mac = fakeMac();

/** The acts whose forms a page shows, in their order. */
export const actsOn = (page: Reply): string[] => [...page.text.matchAll(/name="act" value="([^"]+)"/g)].map(([, act]) => act ?? '');

/** The nonce of an act's form. */
export const nonceOf = (page: Reply, act: string): string =>
  new RegExp(`name="act" value="${act}"><input type="hidden" name="nonce" value="([^"]*)"`).exec(page.text)?.[1] ??
  expect.fail(`no form ${act}`);

/** A page with forms, as one browser after the other sees it. `usual`: the person where none is named. */
export const formSiteOf = (story: given.Story, path: string, usual: string) => {
  const api = peopleApi({ deps: story.deps, mac, stage: story.stage, signIn: createSignIn(story.stage) });
  const as = (id: string, changes: Partial<PersonCaller> = {}, session = 'session-1'): Identity =>
    browser({ ...given.callerOf(story, id), ...changes }, session);
  const open = (identity: Identity = as(usual), method = 'GET', query = ''): Promise<Reply> => ask(api, { method, path, identity, query });
  const send = (fields: Fields | string, identity: Identity = as(usual), headers: Fields = {}): Promise<Reply> =>
    ask(api, {
      method: 'POST',
      path,
      identity,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    });
  /** As a browser sends a form with a field for a file; without a name of a file the field is empty. */
  const sendWithFile = async (
    fields: Fields,
    file: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> },
    identity: Identity,
  ) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new File([file.bytes], file.name));
    const request = new Request('https://holdpoint.example.com', { method: 'POST', body: form });
    const headers = { 'content-type': request.headers.get('content-type') ?? '', 'sec-fetch-site': 'same-origin' };
    return ask(api, { method: 'POST', path, identity, headers, body: new Uint8Array(await request.arrayBuffer()) });
  };
  return { path, as, open, send, sendWithFile };
};
