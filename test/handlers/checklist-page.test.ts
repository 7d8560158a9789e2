import { expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { isType } from '../../lib/audit/event.ts';
import { digestOf } from '../../lib/canonical-json.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { dependenciesOf, givenRun, personIn } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import { afterDeployment, givenInForce, profileFile } from '../profile-given.ts';
import { ask, browser } from './requests.ts';

const pageOf = async (deps: FakeDependencies, query: Readonly<Record<string, string>> = {}) =>
  ask(auditApi({ deps, mac: fakeMac() }), {
    method: 'GET',
    path: '/checklist',
    query: new URLSearchParams(query).toString(),
    identity: browser(personIn(deps, 'operations-lead')),
  });
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

test.each(['phase', 'owner', 'control'])('the checklist by %s has every line of the document verbatim, below 100 KB', async (by) => {
  const { status, text } = await pageOf(dependenciesOf(baseChecklist), { by });
  expect(status).toBe(200);
  const missing = baseChecklist.items.filter(
    ({ words, controls }) => (by !== 'control' || controls.length > 0) && !text.includes(escaped(words)),
  );
  expect(missing.map(({ id }) => id)).toEqual([]);
  expect(text.length).toBeLessThan(100_000);
  expect(text).toContain(`aria-current="page">by ${by}</a>`);
  const main = text.slice(text.indexOf('<main'));
  expect(main.indexOf('id="diff-field"'), 'the comparison stands before the lines').toBeLessThan(main.indexOf('id="section-0"'));
  expect(main.match(/<[ou]l class="plain lines">/g)?.length, 'every section is folded').toBe(
    main.match(/<details class="card slim"><summary><h2 id="section-\d+">/g)?.length,
  );
});

test('a line says its rule in words, its figures, its evidence, its age, and whether it is required', async () => {
  const deps = dependenciesOf(given.checklist());
  const { text } = await pageOf(deps);
  const line = /<li id="soak-24h">[\s\S]*?<\/li>/.exec(text)?.[0] ?? expect.fail('no line');
  expect(line).toContain('length: at least');
  expect(line).toContain('proved by');
  expect(line).toContain('Deviation:');
  expect(line).toContain('&lt;em&gt;short&lt;/em&gt; soaks');
  expect(/<li id="load-testing">[\s\S]*?<\/li>/.exec(text)?.[0]).toContain('observed');
  expect(/<li id="no-regressions">[\s\S]*?<\/li>/.exec(text)?.[0]).toContain('required');
});

test('an older checklist is shown by its digest, and compared with the current one', async () => {
  const old = dependenciesOf(baseChecklist);
  await old.definitions.publish();
  const was = digestOf(baseChecklist);
  const items = baseChecklist.items
    .filter(({ id }) => id !== 'cors-configured')
    .map((item) => (item.id === 'no-regressions' ? { ...item, maxAgeSeconds: 3_600 } : item));
  const deps = afterDeployment(old, { ...baseChecklist, version: '9.0.0', items });
  const older = await pageOf(deps, { digest: was });
  expect([older.status, older.text]).toEqual([200, expect.stringContaining('older</span>')]);
  expect(older.text).toContain('id="cors-configured"');
  const { text } = await pageOf(deps, { diff: was, by: 'owner' });
  expect(text).toContain('removed: </span><bdi>CORS properly configured</bdi> <code class="soft">cors-configured</code>');
  expect(text).toContain('evidence: no maximum age → at most 1 hour old');
  expect(text).not.toContain('id="cors-configured"');
  expect((await pageOf(deps, { diff: '', digest: '' })).status).toBe(200);
  expect((await pageOf(deps, { diff: 'f'.repeat(64) })).status).toBe(404);
  expect((await pageOf(deps, { digest: given.hostile })).status).toBe(400);
});

test('the beginning of a digest, as pages print it, names a published checklist; too short or unknown it does not', async () => {
  const deps = dependenciesOf(baseChecklist);
  await givenRun(deps);
  const was = digestOf(baseChecklist);
  const later = afterDeployment(deps, { ...baseChecklist, version: '9.0.0' });
  expect((await pageOf(later, { digest: was.slice(0, 12) })).text).toContain(`title="${was}"`);
  expect((await pageOf(later, { diff: was.slice(0, 12) })).text).toContain(`(<span class="mono">${was.slice(0, 12)}</span>)`);
  expect((await pageOf(later, { digest: was.slice(0, 11) })).status).toBe(400);
  expect((await pageOf(later, { digest: `${was.slice(0, 12)}${was[12] === '0' ? 1 : 0}` })).status).toBe(404);
});

test('shows the definition that a profile gives, with its own lines', async () => {
  const deps = dependenciesOf(baseChecklist);
  await givenInForce(deps, profileFile(['cart'], 'observe: { soak-24h: 2026-05-01 }\n'));
  const [event] = await deps.trail.read('service/shop', { lane: 'profile' });
  const definition = event !== undefined && isType('profile.proposed')(event) ? event.event.data.definition : expect.fail('no proposal');
  const { text } = await pageOf(deps, { digest: definition, diff: digestOf(baseChecklist) });
  expect(/<li id="soak-24h">[\s\S]*?<\/li>/.exec(text)?.[0]).toContain('observed');
  expect(text).toContain('Long-duration stability tests (24h+): required → judged and shown only until 2026-05-01');
});

test.each([
  ['shop-1.4.0<b>', 400, 'The digest of a checklist has 64 signs, of which 12 are enough: 0 to 9 and a to f.'],
  ['a'.repeat(64), 404, 'No checklist was published under this digest.'],
])('a wrong digest to compare with comes back with what was wrong beside the field: %s', async (diff, status, says) => {
  const found = await pageOf(dependenciesOf(baseChecklist), { diff, by: 'owner' });
  expect(found.status).toBe(status);
  const form = /<form method="get" action="\/checklist"[\s\S]*?<\/form>/.exec(found.text)?.[0] ?? expect.fail('no form');
  expect(form).toContain(`<span class="slip" id="diff-field-slip">${says}</span>`);
  expect(form).toContain(`value="${escaped(diff)}" aria-invalid="true" aria-describedby="diff-field-slip diff-field-hint"`);
  expect(form).toContain('name="by" value="owner"');
  expect(found.text).toContain('id="no-regressions"');
});
