import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CiIssuer, Stage } from '../../lib/checklist/stage.ts';
import { localStage } from '../../lib/local/stage.ts';
import { readStageFile } from '../../lib/stack/stage-file.ts';
import { realStage } from './synthesised.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-stage-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const issuer = 'https://login.example.com';
const person = (id: string, ...roles: Stage['roster'][number]['roles']): Stage['roster'][number] => ({
  id: `p-${id}0000000`,
  name: id,
  address: `${id}@example.com`,
  roles,
  subjects: [{ issuer, subject: id }],
  starters: [],
});
const sound: Stage = {
  ...realStage,
  roster: [person('ada', 'technical-lead'), person('ben', 'operations-lead'), person('cem', 'product-owner', 'technical-lead')],
};

const people: Stage['issuers'][number] = { kind: 'people', issuer, audience: 'holdpoint', clientId: 'holdpoint' };
type Identity = {
  readonly id?: string;
  readonly claims: CiIssuer['identities'][number]['claims'];
  readonly services?: string[];
  readonly environments?: string[];
  readonly starter?: string;
};
/** The stage's issuers with another CI issuer. */
const ciIssuer = (changes: object, ...identities: readonly Identity[]): Partial<Stage> => ({
  issuers: realStage.issuers.map((one) =>
    one.kind === 'ci'
      ? {
          ...one,
          ...changes,
          ...(identities.length === 0 ? {} : { identities: identities.map((given) => ({ id: 'ci-shop', services: ['shop'], ...given })) }),
        }
      : one,
  ),
});

/** One identity for more services than an authorizer can pass on. */
const manyServices = (): Partial<Stage> => {
  const services = Array.from({ length: 400 }, (_, place) => ({ ...realStage.services[0], name: `service-${place}` }));
  return { services: services as Stage['services'], ...ciIssuer({}, { claims: { a: '1' }, services: services.map(({ name }) => name) }) };
};

const read = (stage: unknown): Stage => {
  const file = join(folder, 'stage.json');
  writeFileSync(file, typeof stage === 'string' ? stage : JSON.stringify(stage));
  return readStageFile(file);
};

describe("a stage's file", () => {
  test('of a shared issuer is sound when it says whose job it is', () => {
    const github = ciIssuer(
      { issuer: 'https://token.actions.githubusercontent.com', starterClaim: 'actor_id' },
      { claims: { repository_id: '1', environment: 'production' } },
    );
    expect(read({ ...sound, ...github }).issuers[0]).toMatchObject({ starterClaim: 'actor_id' });
  });

  test.each<[string, object, Identity]>([
    [
      'GitHub',
      { preset: 'github', issuer: 'https://token.actions.githubusercontent.com', starterClaim: undefined },
      { claims: { repository_id: '1' } },
    ],
    [
      'GitHub Enterprise Server',
      { preset: 'github', issuer: 'https://github.acme.example/_services/token' },
      { claims: { repository: 'acme/shop' } },
    ],
    [
      'GitHub by its subject',
      { issuer: 'https://token.actions.githubusercontent.com' },
      { claims: { sub: 'repo:acme/shop:environment:production' } },
    ],
    [
      'GitLab of a company',
      { preset: 'gitlab', issuer: 'https://gitlab.acme.example', starterClaim: undefined },
      { claims: { project_path: 'acme/shop' } },
    ],
    [
      'Buildkite',
      { preset: 'buildkite', issuer: 'https://agent.buildkite.com', starterClaim: undefined },
      { claims: { pipeline_slug: 'shop' }, starter: 'p-ada0000000' },
    ],
    [
      'Buildkite that starts nothing',
      { preset: 'buildkite', issuer: 'https://agent.buildkite.com', starterClaim: undefined },
      { claims: { pipeline_slug: 'shop' } },
    ],
    [
      'CircleCI with lists and booleans',
      { preset: 'circleci', issuer: 'https://oidc.circleci.com/org/o', starterClaim: undefined },
      {
        claims: {
          'oidc.circleci.com/project-id': 'p',
          'oidc.circleci.com/context-ids': ['c1', 'c2'],
          'oidc.circleci.com/ssh-rerun': false,
        },
      },
    ],
    [
      'Bitbucket',
      {
        preset: 'bitbucket',
        issuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
        starterClaim: undefined,
      },
      { claims: { repositoryUuid: '{r}' } },
    ],
    [
      'Azure DevOps',
      { preset: 'azure-devops', issuer: 'https://vstoken.dev.azure.com/o', starterClaim: undefined },
      { claims: { prj_id: 'p' } },
    ],
    ['one environment', {}, { claims: { repository: 'example/shop' }, environments: ['production'] }],
  ])('is sound with %s', (_what, changes, identity) => {
    expect(read({ ...sound, ...ciIssuer(changes, identity) }).issuers[0]?.kind).toBe('ci');
  });

  test('may name a client secret by its ARN, never the secret itself', () => {
    const withSecret = (clientSecretArn: string) => ({
      ...sound,
      issuers: sound.issuers.map((one) => (one.kind === 'people' ? { ...one, clientSecretArn } : one)),
    });
    expect(() => read(withSecret('arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/web-AbCdEf'))).not.toThrow();
    expect(() => read(withSecret('GOCSPX-a-secret'))).toThrow(/issuers\.1\.clientSecretArn/);
  });

  test.each([
    ['a kind that nobody knows', { kind: 'ec2-instance', name: 'web', environment: 'production' }, /resources\.0\.kind/],
    ['a name that is a pattern', { kind: 'ecs-service', name: 'web-*', environment: 'production' }, /resources\.0\.name/],
    ['a field more', { kind: 'ecs-service', name: 'web', environment: 'production', cluster: 'x' }, /resources\.0/],
    ['no region', { kind: 'ecs-service', name: 'main/web', environment: 'production', region: 'Frankfurt' }, /resources\.0\.region/],
    [
      'no cluster',
      { kind: 'ecs-service', name: 'web', environment: 'production' },
      /the ecs-service web of shop names no cluster, and nothing else tells it: name it as cluster\/web/,
    ],
    ['no environment', { kind: 'ecs-service', name: 'web' }, /resources\.0\.environment/],
    [
      'an environment that the service does not have',
      { kind: 'ecs-service', name: 'web', environment: 'moon' },
      /the ecs-service web of shop names the environment moon, which it does not have/,
    ],
  ])('is refused with a resource of %s', (_what, resource, why) => {
    const resources = (one: unknown) => ({ ...sound, services: sound.services.map((service) => ({ ...service, resources: [one] })) });
    expect(() =>
      read(resources({ kind: 'ecs-service', name: 'main/web', environment: 'production', account: '222233334444' })),
    ).not.toThrow();
    expect(() => read(resources(resource))).toThrow(why);
  });

  test.each(['name', 'starterClaim'])('has no control characters in %s', (member) => {
    const broken =
      member === 'name' ? { roster: [{ ...person('ada'), name: 'Ada\r\nBcc: x@evil.example' }] } : ciIssuer({ starterClaim: '' });
    expect(() => read({ ...sound, ...broken })).toThrow(/is not a valid stage configuration/);
  });

  test('is read as it stands when it is sound', () => {
    expect(read(sound)).toEqual(sound);
    const local = localStage({ publicUrl: 'http://localhost:1', peopleIssuer: 'http://localhost:2', ciIssuer: 'http://localhost:3' });
    expect(read(local)).toEqual(local);
  });

  test('is asked for when none is named, and named when it cannot be read', () => {
    expect(() => readStageFile(undefined)).toThrow('Name the JSON file of the stage');
    expect(() => readStageFile(join(folder, 'none.json'))).toThrow(/none\.json cannot be read as JSON: ENOENT/);
    expect(() => read('{ "name": ')).toThrow(/stage\.json cannot be read as JSON/);
    expect(() => read({ ...sound, name: 'Production' })).toThrow(/is not a valid stage configuration: name: /);
    expect(() => read({ ...sound, services: [{ name: 'shop', environments: ['production'], alarmPrefix: '' }] })).toThrow(
      /is not a valid stage configuration: services\.0\.alarmPrefix: /,
    );
    expect(() => read({ ...sound, domain: { certificateArn: 'holdpoint' } })).toThrow(
      /is not a valid stage configuration: domain\.certificateArn: /,
    );
    expect(() => read([])).toThrow(/is not a valid stage configuration: the whole file: /);
  });

  test.each<[string, Partial<Stage>]>([
    ['waitScale: got 2, expected 1', { waitScale: 2 }],
    ['http://holdpoint.example.com: expected https', { publicUrl: 'http://holdpoint.example.com' }],
    ['expected a URL without a path', { publicUrl: 'https://example.com/holdpoint' }],
    ['mailFrom: got Holdpoint', { mailFrom: 'Holdpoint' }],
    ['issuers: got no issuer of kind people', { issuers: realStage.issuers.filter(({ kind }) => kind === 'ci') }],
    [
      'services: the freeze Quarter end of shop names the environment test',
      {
        services: realStage.services.map((service) => ({
          ...service,
          freezes: [{ name: 'Quarter end', zone: 'UTC', environments: ['test'], yearly: { from: '03-28', to: '03-31' }, reason: 'Books.' }],
        })),
      },
    ],
    ['services: the name shop appears twice', { services: [...realStage.services, ...realStage.services] }],
    ['roster: the id p-ada0000000 appears twice', { roster: [...sound.roster, person('ada')] }],
    [
      'roster: the subject ada of https://login.example.com appears twice',
      { roster: [...sound.roster, { ...person('dan'), subjects: [{ issuer, subject: 'ada' }] }] },
    ],
    [
      'roster: the starter 7 of https://ci.example.com appears twice',
      { roster: sound.roster.map((one) => ({ ...one, starters: [{ issuer: 'https://ci.example.com', actor: '7' }] })) },
    ],
    [
      'the identity ci-shop names no claim, so no token could match it',
      {
        issuers: realStage.issuers.map((one) =>
          one.kind === 'ci' ? { ...one, identities: [{ claims: {}, id: 'ci-shop', services: ['shop'] }] } : one,
        ),
      },
    ],
    ['roster: the address ada@example.com appears twice', { roster: [...sound.roster, { ...person('dan'), address: 'ADA@example.com' }] }],
    ['issuers: the audience holdpoint of https://login.example.com appears twice', { issuers: [...realStage.issuers, people] }],
    ['starterClaim of https://token.example.com is aud, which names no person', ciIssuer({ starterClaim: 'aud' })],
    ['the identity ci-shop names the service shoe', ciIssuer({}, { claims: { repository: 'example/shop' }, services: ['shoe'] })],
    [
      'does not say whose job it is',
      ciIssuer({ issuer: 'https://token.actions.githubusercontent.com' }, { claims: { environment: 'production' } }),
    ],
    ['does not say whose job it is', ciIssuer({ issuer: 'https://gitlab.com' }, { claims: { ref: 'main' } })],
    [
      'the identity wide comes before ci-shop and matches all of its tokens',
      ciIssuer({}, { id: 'wide', claims: { a: '1' } }, { claims: { a: '1', b: '2' } }),
    ],
    [
      'the claims of an identity of https://token.example.com',
      ciIssuer({}, { claims: { a: '1', b: '2' } }, { id: 'x', claims: { b: '2', a: '1' } }),
    ],
    [
      'the issuer of GitHub Actions is https://token.actions.githubusercontent.com',
      ciIssuer({ preset: 'github', issuer: 'https://token.evil.example' }, { claims: { repository: 'acme/shop' } }),
    ],
    [
      'does not say whose job it is',
      ciIssuer(
        { issuer: 'https://token.actions.githubusercontent.com' },
        { claims: { job_workflow_ref: 'acme/shop/.github/workflows/release.yml@refs/heads/main' } },
      ),
    ],
    [
      'does not say whose job it is',
      ciIssuer({ issuer: 'https://token.actions.githubusercontent.com' }, { claims: { sub: 'environment:production' } }),
    ],
    ['does not say whose job it is', ciIssuer({ preset: 'gitlab', issuer: 'https://gitlab.acme.example' }, { claims: { ref: 'main' } })],
    ['has no starterClaim, so no run could be started', ciIssuer({ starterClaim: undefined })],
    [
      'tokens of Buildkite name no person',
      ciIssuer({ issuer: 'https://agent.buildkite.com', starterClaim: 'pipeline_slug' }, { claims: { pipeline_slug: 'shop' } }),
    ],
    ['the identity ci-shop has a `starter`', ciIssuer({}, { claims: { a: '1' }, starter: 'p-ada0000000' })],
    [
      'the starter of the identity ci-shop is p-nobody0000, who is not in the roster',
      ciIssuer({ starterClaim: undefined }, { claims: { a: '1' }, starter: 'p-nobody0000' }),
    ],
    ['names the environment prod, which none of its services has', ciIssuer({}, { claims: { a: '1' }, environments: ['prod'] })],
    ['the identity wide comes before ci-shop', ciIssuer({}, { id: 'wide', claims: { a: ['1', '2'] } }, { claims: { a: '1' } })],
    ['has too many services for one identity', manyServices()],
    ['local: got true with the address https://holdpoint.example.com', { local: true }],
    ['mailIdentityName: got other.example', { mailIdentityName: 'other.example' }],
    ['mailIdentityName: got ample.com', { mailIdentityName: 'ample.com' }],
    ['removable: got true beside COMPLIANCE', { removable: true, evidenceRetention: { mode: 'COMPLIANCE', days: 10 } }],
    ['need three different people', { roster: [person('ada', 'technical-lead', 'product-owner', 'operations-lead')] }],
    ['need three different people', { roster: sound.roster.map((one) => ({ ...one, subjects: [] })) }],
    [
      'the author tina appears twice',
      { roster: [{ ...person('tina'), commitsAs: ['Tina'] }, { ...person('tom'), commitsAs: ['tina', 'TOM'] }, ...sound.roster] },
    ],
  ])('is refused with the reason: %s', (reason, change) => {
    expect(() => read({ ...sound, ...change })).toThrow(reason);
  });

  test('has two people at least who sign: a team of two deviates in how many there are', () => {
    const roster = [person('ada', 'technical-lead', 'product-owner'), person('ben', 'operations-lead')];
    expect(read({ ...sound, roster }).roster).toHaveLength(2);
  });
});
