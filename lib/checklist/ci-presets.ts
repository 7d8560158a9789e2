/** A claim's value as a mapping demands it. */
export type ClaimValue = string | number | boolean;

/** What Holdpoint knows of one CI system's OpenID tokens. */
export type CiPreset = {
  readonly title: string;
  /** The form of its issuer, for people and as a pattern. */
  readonly issuer: { readonly form: string; readonly pattern: RegExp };
  /** The host of the hosted service: an issuer on it has this preset even when the stage file names none. */
  readonly host: string;
  /** Claims that say whose job it is; an identity demands at least one. */
  readonly owners: readonly string[];
  /** What `sub` must contain to be an owner's name, where owners may choose of what it is made. */
  readonly subject?: RegExp;
  /** Demanded of every token, beside what an identity demands. */
  readonly demanded: Readonly<Record<string, ClaimValue>>;
  /** The claim that names the person who started the job, and which part of it; null when the token names nobody. */
  readonly starter: { readonly claim: string; readonly part?: RegExp } | null;
  /** The claim that counts attempts, when a re-run keeps the first starter; null when the starter's claim names who ran it again. */
  readonly attempt: { readonly claim: string; readonly first: readonly ClaimValue[] } | null;
  /** With `iat` they identify a token that has no `jti`. Empty when its tokens have one. */
  readonly unique: readonly string[];
};

/**
 * The CI systems whose tokens are known. One entry makes a preset: the stage file, the authorizer and the README's table (`npm run docs`) follow from it.
 *
 * Sources: the providers' documents, read in November 2026, and for what they leave open the claims that other verifiers check
 * (pypi/warehouse `oidc/models`, gravitational/teleport `lib/bitbucket`, sigstore/fulcio issue 1803).
 */
export const ciPresets = {
  /**
   * https://docs.github.com/en/actions/reference/security/oidc. A re-run keeps `actor` and has the next `run_attempt`; who asked for it
   * (`triggering_actor`) is not in the token. `job_workflow_ref` is no owner: any repository can call a public reusable workflow.
   */
  github: {
    title: 'GitHub Actions',
    issuer: {
      form: 'https://token.actions.githubusercontent.com, or https://HOST/_services/token of an Enterprise Server',
      pattern: /^https:\/\/(token\.actions\.(githubusercontent\.com(\/[\w-]+)?|[\w-]+\.ghe\.com)|[^/]+\/_services\/token)$/,
    },
    host: 'token.actions.githubusercontent.com',
    owners: ['repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'sub'],
    subject: /(?:^|:)repo(?:sitory)?(?:_owner)?(?:_id)?:/,
    demanded: {},
    starter: { claim: 'actor_id' },
    attempt: { claim: 'run_attempt', first: ['1', 1] },
    unique: [],
  },
  /** https://docs.gitlab.com/ci/secrets/id_token_authentication. `user_id` is who executes the job: a retry makes a new job of who retried. */
  gitlab: {
    title: 'GitLab CI',
    issuer: { form: 'the address of the GitLab instance, such as https://gitlab.com', pattern: /^https:\/\/[^?#]+$/ },
    host: 'gitlab.com',
    owners: ['project_path', 'project_id', 'namespace_path', 'namespace_id', 'sub'],
    demanded: {},
    starter: { claim: 'user_id' },
    attempt: null,
    unique: [],
  },
  /** https://buildkite.com/docs/agent/cli/reference/oidc. No `jti`, and nobody is named: `build_source` says only how a build began. */
  buildkite: {
    title: 'Buildkite',
    issuer: { form: 'https://agent.buildkite.com', pattern: /^https:\/\/agent\.buildkite\.com$/ },
    host: 'agent.buildkite.com',
    owners: ['organization_slug', 'organization_id', 'pipeline_slug', 'pipeline_id', 'sub'],
    demanded: {},
    starter: null,
    attempt: null,
    unique: ['job_id'],
  },
  /**
   * https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens. `sub` ends with the user that caused the job to run.
   * No `jti`. In a job that was run again with SSH a person sits at the job's shell, so its tokens are refused.
   */
  circleci: {
    title: 'CircleCI',
    issuer: { form: 'https://oidc.circleci.com/org/ORGANIZATION_ID', pattern: /^https:\/\/oidc\.circleci\.com\/org\/[\w-]+$/ },
    host: 'oidc.circleci.com',
    owners: ['oidc.circleci.com/project-id', 'sub'],
    demanded: { 'oidc.circleci.com/ssh-rerun': false },
    starter: { claim: 'sub', part: /^org\/[^/]+\/project\/[^/]+\/user\/([^/]+)(?:\/|$)/ },
    attempt: null,
    unique: ['oidc.circleci.com/job-id'],
  },
  /** https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc. Nobody is named; `sub` changes with each step. */
  bitbucket: {
    title: 'Bitbucket Pipelines',
    issuer: {
      form: 'https://api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc',
      pattern: /^https:\/\/api\.bitbucket\.org\/2\.0\/workspaces\/[^/]+\/pipelines-config\/identity\/oidc$/,
    },
    host: 'api.bitbucket.org',
    owners: ['repositoryUuid', 'deploymentEnvironmentUuid'],
    demanded: {},
    starter: null,
    attempt: null,
    unique: ['stepUuid'],
  },
  /** https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create. Nobody is named; the audience is always `api://AzureADTokenExchange`. */
  'azure-devops': {
    title: 'Azure DevOps',
    issuer: { form: 'https://vstoken.dev.azure.com/ORGANIZATION_ID', pattern: /^https:\/\/vstoken\.dev\.azure\.com\/[\w-]+$/ },
    host: 'vstoken.dev.azure.com',
    owners: ['prj_id', 'rpo_id', 'sub'],
    demanded: {},
    starter: null,
    attempt: null,
    unique: [],
  },
} as const satisfies Readonly<Record<string, CiPreset>>;

export type CiPresetName = keyof typeof ciPresets;
export const ciPresetNames = Object.keys(ciPresets) as readonly CiPresetName[];

/** The preset of an issuer: the one that the stage file names, else that of the hosted service on this host. */
export const presetOf = ({
  preset,
  issuer,
}: {
  readonly preset?: CiPresetName | undefined;
  readonly issuer: string;
}): CiPreset | undefined => {
  if (preset !== undefined) return ciPresets[preset];
  const { host } = new URL(issuer);
  return Object.values(ciPresets).find((candidate) => candidate.host === host);
};
