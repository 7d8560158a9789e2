import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { type Targets, targetsSchema } from '../../lib/checklist/targets.ts';
import { shownByPeople } from '../../lib/stack/shown-by-people.ts';
import { stageOf } from '../handlers/requests.ts';
import { withStacks } from './synthesised.ts';

/** Where nothing outside can show a rollback, whoever deploys the stage hears of it, and not the people of the night. */
const alias = { kind: 'lambda-alias', function: 'shop', alias: 'live' };
const health = { id: 'health', url: 'https://shop.example.com/health', expect: {} };
const targetsOf = (changes: object = {}): Targets =>
  targetsSchema.parse({
    components: [{ component: 'web', platform: alias }],
    probes: [{ ...health, critical: true }],
    ...changes,
  });
const reported = {
  components: ['web', 'batch', 'mail'].map((component) => ({ component, platform: component === 'web' ? alias : { kind: 'reported' } })),
};
const stageWith = (targets: Readonly<Record<string, Targets>> | undefined) => {
  const [service] = stageOf().services;
  if (service === undefined) throw new Error('no service');
  return stageOf({ services: [{ ...service, ...(targets === undefined ? {} : { targets: targets as never }) }] });
};

describe('a rollback needs two people', () => {
  test.each<[string, object, readonly RegExp[]]>([
    ['where a platform is only reported', reported, [/^what batch, mail runs cannot be read/]],
    ['where no probe is critical', { probes: [health] }, [/^no probe is `critical`/]],
    ['where there is no probe', { probes: [] }, [/^no probe is `critical`/]],
    ['where neither can be seen', { ...reported, probes: [] }, [/^what batch, mail/, /^no probe/]],
    ['where the profile may name metrics only', { probes: [], permits: { namespaces: ['Shop'] } }, [/^no probe/]],
  ])('%s', (_where, changes, reasons) => {
    const found = shownByPeople(stageWith({ production: targetsOf(), staging: targetsOf(changes) }));
    expect(found).toEqual([
      { service: 'shop', environment: 'staging', reasons: reasons.map((one) => expect.stringMatching(one) as unknown) },
    ]);
  });

  test('of a service that the stage file names no targets of', () => {
    expect(shownByPeople(stageWith(undefined))).toEqual([
      { service: 'shop', environment: null, reasons: ['the stage file names no targets of it'] },
    ]);
  });

  test('not where platform and probe show it, nor where the profile may name the probe', () => {
    const later = targetsOf({ probes: [], permits: { addresses: ['https://shop.example.com'] } });
    expect(shownByPeople(stageWith({ production: targetsOf(), staging: later }))).toEqual([]);
  });
});

test('the deployment says so once for each environment, in words that say what to do', () => {
  const stage = stageWith({ production: targetsOf(reported), staging: targetsOf({ probes: [] }) });
  const warned = withStacks(stage, (_app, { app }) => Annotations.fromStack(app).findWarning('*', Match.stringLikeRegexp('two people')));
  expect(warned.map(({ entry }) => String(entry.data))).toEqual([
    expect.stringMatching(
      /^A rollback of shop in production needs two people .* Name in the targets .*holdpoint:shown-by-people-shop-production/,
    ),
    expect.stringMatching(/^A rollback of shop in staging needs two people .*holdpoint:shown-by-people-shop-staging/),
  ]);
});
