import { describe, expect, test } from 'vitest';
import { type Claims, callerOf, contextLimit, contextOf, identityOf } from '../../lib/api/identity.ts';
import type { CiIssuer } from '../../lib/checklist/stage.ts';
import type { CiCaller } from '../../lib/run/state/caller.ts';
import { stageOf } from './requests.ts';

type Given = Partial<CiIssuer> & { readonly claims?: CiIssuer['identities'][number]['claims']; readonly starter?: string };

/** What the stage makes of a job's verified claims. Dara is known at every issuer under the name that the row gives her. */
const callerFor = ({ claims = { sub: 'job' }, starter, ...given }: Given, token: Claims, actor = 'dara') => {
  const issuer: CiIssuer = {
    kind: 'ci',
    issuer: 'https://ci.example.com',
    audience: 'holdpoint',
    identities: [{ claims, id: 'ci-shop', services: ['shop'], ...(starter === undefined ? {} : { starter }) }],
    ...given,
  };
  const stage = stageOf();
  const roster = stage.roster.map((person, place) => ({
    ...person,
    starters: place === 3 ? [{ issuer: issuer.issuer, actor }] : [],
  }));
  return callerOf({ ...stage, issuers: [issuer], roster }, issuer, token);
};
const found = (given: Given, token: Claims, actor?: string): CiCaller => {
  const { ok, refused } = callerFor(given, token, actor);
  return ok?.kind === 'ci' ? ok : expect.fail(JSON.stringify(refused));
};
const refusal = (given: Given, token: Claims) => callerFor(given, token).refused ?? expect.fail('expected a refusal');

const github = { issuer: 'https://token.actions.githubusercontent.com', claims: { repository: 'acme/shop' } };
const githubJob = {
  sub: 'repo:acme/shop:ref:refs/heads/main',
  repository: 'acme/shop',
  actor: 'dara',
  actor_id: '583231',
  jti: 'j',
  run_attempt: '1',
};
const gitlab = { preset: 'gitlab', issuer: 'https://gitlab.acme.example', claims: { project_path: 'acme/shop' } } as const;
const gitlabJob = { sub: 'project_path:acme/shop', project_path: 'acme/shop', user_id: '42', user_login: 'dara', jti: 'j' };
const buildkite = {
  preset: 'buildkite',
  issuer: 'https://agent.buildkite.com',
  claims: { organization_slug: 'acme', pipeline_slug: 'shop' },
} as const;
const buildkiteJob = {
  sub: 's',
  organization_slug: 'acme',
  pipeline_slug: 'shop',
  build_number: 5,
  build_source: 'ui',
  step_key: null,
  job_id: 'job-1',
  iat: 1,
};
const organization = '11111111-2222-4333-8444-555555555555';
const circleci = {
  preset: 'circleci',
  issuer: `https://oidc.circleci.com/org/${organization}`,
  claims: { 'oidc.circleci.com/project-id': 'p' },
} as const;
const circleciJob = {
  sub: `org/${organization}/project/p/user/99999999-8888/vcs-origin/github.com/acme/shop/vcs-ref/refs/heads/main`,
  'oidc.circleci.com/project-id': 'p',
  'oidc.circleci.com/context-ids': ['c1', 'c2'],
  'oidc.circleci.com/ssh-rerun': false,
  'oidc.circleci.com/job-id': 'job-1',
  iat: 1,
};
const bitbucket = {
  preset: 'bitbucket',
  issuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
  claims: { repositoryUuid: '{r}' },
} as const;
const bitbucketJob = { sub: '{r}:{s}', repositoryUuid: '{r}', stepUuid: '{s}', aud: ['a', 'b'], iat: 1 };
const azure = { preset: 'azure-devops', issuer: 'https://vstoken.dev.azure.com/o', claims: { prj_id: 'p' } } as const;
const azureJob = { sub: 'p://acme/shop/release', prj_id: 'p', run_id: '7', jti: 'j', iat: 1 };

describe('the person who started a job', () => {
  test.each<[string, Given, Claims, string, Partial<CiCaller>]>([
    ['is the actor of a first attempt at GitHub', github, githubJob, '583231', { person: 'p-developer1' }],
    ['is found by the claim that the stage names', { ...github, starterClaim: 'actor' }, githubJob, 'dara', { person: 'p-developer1' }],
    ['is unknown in a re-run at GitHub', github, { ...githubJob, run_attempt: '2' }, '583231', { person: null, unnamed: 'rerun' }],
    [
      'is unknown when GitHub does not say which attempt it is',
      github,
      { ...githubJob, run_attempt: undefined },
      '583231',
      { person: null, unnamed: 'rerun' },
    ],
    [
      'is unknown in a re-run of an issuer without a preset',
      { starterClaim: 'actor' },
      { sub: 'job', actor: 'dara', jti: 'j', run_attempt: 2 },
      'dara',
      { person: null, unnamed: 'rerun' },
    ],
    [
      'is the first one of a re-run where the stage accepts it',
      { ...github, reruns: 'accepted' },
      { ...githubJob, run_attempt: '2' },
      '583231',
      { person: 'p-developer1' },
    ],
    ['is who executes the job at GitLab', gitlab, gitlabJob, '42', { person: 'p-developer1' }],
    ['may be named by a number', gitlab, { ...gitlabJob, user_id: 42 }, '42', { person: 'p-developer1' }],
    ['stands inside the subject at CircleCI', circleci, circleciJob, '99999999-8888', { person: 'p-developer1' }],
    ['is not in a subject of another form', circleci, { ...circleciJob, sub: `x/${circleciJob.sub}` }, '99999999-8888', { person: null }],
    ['is named by no token of Buildkite', buildkite, buildkiteJob, 'ui', { person: null, unnamed: 'nobody' }],
    ['is named by no token of Bitbucket', bitbucket, bitbucketJob, '{r}', { person: null, unnamed: 'nobody' }],
    ['is named by no token of Azure DevOps', azure, azureJob, 'p', { person: null, unnamed: 'nobody' }],
    [
      'is who answers for the identity where tokens name nobody',
      { ...buildkite, starter: 'p-operations1' },
      buildkiteJob,
      'ui',
      { person: 'p-operations1' },
    ],
    ['is nobody when that person left the roster', { ...buildkite, starter: 'p-gone00000' }, buildkiteJob, 'ui', { person: null }],
  ])('%s', (_why, given, token, actor, expected) => {
    const { person, unnamed } = found(given, token, actor);
    expect({ person, ...(unnamed === undefined ? {} : { unnamed }) }).toEqual(expected);
  });
});

describe('the claims of an identity', () => {
  test.each<[string, CiIssuer['identities'][number]['claims'], Claims, boolean]>([
    ['a boolean is a boolean', { flag: false }, { flag: false }, true],
    ['the text false is no boolean', { flag: false }, { flag: 'false' }, false],
    ['a boolean is not the text false', { flag: 'false' }, { flag: false }, false],
    ['a number is a number', { build: 5 }, { build: 5 }, true],
    ['text is no number', { build: 5 }, { build: '5' }, false],
    ['one of several', { ref: ['main', 'release'] }, { ref: 'release' }, true],
    ['none of several', { ref: ['main', 'release'] }, { ref: 'evil' }, false],
    ['a list that has one of several', { groups: ['c1', 'c9'] }, { groups: ['c1', 'c2'] }, true],
    ['a list that has none of several', { groups: ['c9'] }, { groups: ['c1', 'c2'] }, false],
    ['a list is no single value', { repository: 'acme/shop' }, { repository: ['acme/shop'] }, false],
    ['text that contains it', { ref: ['main'] }, { ref: 'maintenance' }, false],
    ['nothing', { flag: false }, {}, false],
    ['a name that every object has', { constructor: 'x' }, {}, false],
  ])('%s', (_why, claims, token, matches) => {
    expect(callerFor({ claims, starterClaim: 'actor' }, { ...token, jti: 'j' }).refused === undefined).toBe(matches);
  });

  test('are shown with their types when they do not match', () => {
    const { got } = refusal({ claims: { flag: 'false', build: 5 } }, { flag: false, build: '5', jti: 'j' });
    expect(got).toBe('flag=false, build="5"');
  });

  test.each([true, 'false', undefined])('never match a job of CircleCI at which somebody may sit: ssh-rerun %j', (rerun) => {
    const { type, expected } = refusal(circleci, { ...circleciJob, 'oidc.circleci.com/ssh-rerun': rerun });
    expect([type, expected]).toEqual(['identity-unmapped', expect.stringContaining('oidc.circleci.com/ssh-rerun=false')]);
  });
});

describe('the name of a token', () => {
  const without = ({ jti: _jti, ...token }: Claims): Claims => token;

  test.each<[string, Given, Claims, Claims]>([
    ['GitHub', github, githubJob, { jti: 'k' }],
    ['Buildkite, another job', buildkite, buildkiteJob, { job_id: 'job-2' }],
    ['Buildkite, another token of the job', buildkite, buildkiteJob, { iat: 2 }],
    ['CircleCI, another job', circleci, circleciJob, { 'oidc.circleci.com/job-id': 'job-2' }],
    ['Bitbucket, another step', bitbucket, bitbucketJob, { stepUuid: '{t}' }],
    ['Azure DevOps', azure, azureJob, { jti: 'k' }],
  ])('is the same for one token and another for another: %s', (_what, given, token, change) => {
    const { token: name } = found(given, token);
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(found(given, { ...token }).token).toBe(name);
    expect(found(given, { ...token, ...change }).token).not.toBe(name);
  });

  test.each<[string, Given, Claims, string]>([
    ['GitHub without jti', github, without(githubJob), 'a jti claim'],
    ['Azure DevOps without jti', azure, without(azureJob), 'a jti claim'],
    ['no preset, without jti', { starterClaim: 'actor' }, { sub: 'job', job_id: 'job-1', iat: 1 }, 'a jti claim'],
    ['Buildkite without its job', buildkite, { ...buildkiteJob, job_id: undefined }, 'a jti claim, or the claims job_id and iat'],
    ['Buildkite with an empty job', buildkite, { ...buildkiteJob, job_id: '' }, 'a jti claim, or the claims job_id and iat'],
    ['Bitbucket without iat', bitbucket, { ...bitbucketJob, iat: undefined }, 'a jti claim, or the claims stepUuid and iat'],
    ['a jti that is no text', circleci, { ...circleciJob, jti: 7 }, 'a jti claim, or the claims oidc.circleci.com/job-id and iat'],
  ])('is missing, so the token is refused: %s', (_what, given, token, expected) => {
    const refused = refusal(given, token);
    expect([refused.type, refused.expected]).toEqual(['token-invalid', expected]);
  });
});

test('an identity that is too large for the gateway identifies nobody', () => {
  const caller = { ...found(github, githubJob), services: Array.from({ length: 2_000 }, (_, place) => `service-${place}`) };
  expect(identityOf(contextOf({ kind: 'caller', caller, session: null }))).toEqual({ kind: 'unavailable' });
  const small = contextOf({ kind: 'caller', caller: { ...caller, services: ['shop'], environments: ['production'] }, session: null });
  expect(JSON.stringify(small).length).toBeLessThan(contextLimit);
  expect(identityOf(small)).toMatchObject({ kind: 'caller', caller: { environments: ['production'] } });
});
