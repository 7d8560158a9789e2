import { expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { isType } from '../../lib/audit/event.ts';
import { fakeMac } from '../fakes.ts';
import { personIn } from '../given.ts';
import * as checks from '../pages/check-scenarios.ts';
import { siteOf } from './check-site.ts';
import { ask, browser, stageOf } from './requests.ts';
import { askedRun, linkOf } from './small-run.ts';

test('an approval lists the evidence of every check under the details, each with its digest and a link to it', async () => {
  const small = await askedRun();
  const stage = stageOf();
  const api = peopleApi({ deps: small.deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
  const identity = browser(personIn(small.deps, 'technical-lead'));
  const page = await ask(api, { method: 'GET', path: `/approvals/${linkOf(small, 'technical-lead')}`, identity });
  const recorded = (await small.deps.trail.read(`run/${small.run}`, { prefix: 'evidence/' })).filter(isType('evidence.recorded'));
  const links = [...page.text.matchAll(/<a class="mono" href="(\/audit\/evidence\/[^"]+)">([0-9a-f]{12})<\/a>/g)].map(
    ([, ...found]) => found,
  );
  expect(links).toEqual(
    recorded.map(({ event: { data } }) => [`/audit/evidence/${data.digest}?run=${small.run}`, data.digest.slice(0, 12)]),
  );
  expect(links).toHaveLength(1);
  expect(page.text).toContain('1 piece of evidence, by digest');
  expect(page.text).toContain('2 checks without evidence of their own');
});

test('the page of a check shows the facts that decide first and marked, and the others folded', async () => {
  const site = siteOf(await checks.underFloor(), checks.covered);
  const { text } = await site.open();
  const [, deciding = '', folded = ''] =
    /<dl class="deciding"[^>]*>(.*?)<\/dl>\s*<details><summary>Other facts[^<]*<\/summary>(.*?)<\/details>/s.exec(text) ?? [];
  expect(deciding).toMatch(/<dt>Lines: in all<\/dt><dd><mark><bdi>500</);
  expect(deciding).toMatch(/<dt>Files with figures of their own<\/dt><dd><mark><bdi>5</);
  expect(deciding.match(/<dt>/g)).toHaveLength(deciding.match(/<mark>/g)?.length ?? 0);
  expect(folded).not.toContain('<mark>');
  expect(folded).toContain('<dt>Judged</dt>');
});
