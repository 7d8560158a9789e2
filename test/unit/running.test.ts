import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import type { Live } from '../../lib/folds/environment.ts';
import { liveBefore, runningIn } from '../../lib/run/gates/running.ts';
import { artifact } from '../given.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const api = { component: 'api', digest: digest('d'), reference: '3' };
const web = { component: 'web', digest: digest('c'), reference: '7' };
const entry = (changes: Partial<Live> = {}): Live => ({
  ...{ run: 'older', version: '1.0', level: 'production-stable', components: [web, api], waitScale: 1, triggered: false },
  ...{ at: '2026-03-02T08:00:00.000Z', readBack: null, event: 'e' },
  ...changes,
});
const context = (readable: readonly string[]) =>
  ({ run: 'own', started: { event: { data: { artifacts: [{ component: 'web', digest: artifact }], readable } } } }) as never;
const read = (component: string, said: string | null, before = false) =>
  ({ event: { type: 'deployment.read-back', data: { component, digest: said, reference: '9', before, detail: '' } } }) as unknown as Stored;
const leftOf = (before: Live | undefined, readable: readonly string[], ...deployment: readonly Stored[]) =>
  runningIn(context(readable), deployment, before).filter(({ component }) => component !== 'web');

describe('what runs beside a release', () => {
  test('the release has the digest and the reference that its platform gave', () => {
    expect(runningIn(context(['web']), [read('web', digest('f'))], undefined)).toEqual([
      { component: 'web', digest: digest('f'), reference: '9' },
    ]);
  });

  const adopted = entry({ run: null, level: 'adopted', readBack: false });
  test.each([
    ['what ran before', entry(), ['web', 'api'], [], [api]],
    ['also where its platform cannot be read now', entry(), ['web', 'api'], [read('api', null)], [api]],
    ['also where its platform says the same', adopted, ['web', 'api'], [read('api', api.digest)], [api]],
    ['not what its platform no longer runs', entry(), ['web', 'api'], [read('api', digest('f'))], []],
    ['as its platform says last', entry(), ['web', 'api'], [read('api', digest('f')), read('api', api.digest)], [api]],
    ['whatever was read before the deployment', entry(), ['web', 'api'], [read('api', digest('f'), true)], [api]],
    ['not what only people say, where the platform could', adopted, ['web', 'api'], [], []],
    ['what only people can say', adopted, ['web'], [], [api]],
    ['nothing where nothing was known', undefined, ['web', 'api'], [read('api', api.digest)], []],
  ] as const)('%s', (_, before, readable, deployment, left) => {
    expect(leftOf(before, readable, ...deployment)).toEqual(left);
  });
});

test('what was live before is of another run, and no acceptance that the service is taken away', () => {
  const accepted = entry({ run: null, level: 'withdraw', components: [], readBack: true });
  const away = entry({ run: null, level: 'withdraw', components: [] });
  expect(liveBefore([entry(), entry({ run: 'own' })], { run: 'own' })).toEqual(entry());
  expect(liveBefore([entry(), accepted], { run: 'own' })).toEqual(entry());
  expect(liveBefore([entry(), away], { run: 'own' }), 'nothing runs then').toEqual(away);
  expect(liveBefore([entry({ run: 'own' })], { run: 'own' })).toBeUndefined();
});
