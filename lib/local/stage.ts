import { type Stage, stageSchema } from '../checklist/stage.ts';
import { cliClient } from './oauth-clients.ts';
import { shopTargets } from './shop-targets.ts';

/** Addresses of a local stage. */
export type Addresses = {
  /** The address of pages and API. */
  readonly publicUrl: string;
  /** The issuers of people's and of CI's tokens. */
  readonly peopleIssuer: string;
  readonly ciIssuer: string;
};

/** Invented people. Their ids are fixed, so that the stage is the same after a restart. */
const people = [
  { id: 'p-7c1e5a90tl', subject: 'tove', name: 'Tove Lindqvist', roles: ['technical-lead'] },
  { id: 'p-2f84d6b1ol', subject: 'omar', name: 'Omar Haddad', roles: ['operations-lead', 'operator'] },
  { id: 'p-b93a07c4po', subject: 'petra', name: 'Petra Novak', roles: ['product-owner'] },
  { id: 'p-5d60e8f2dv', subject: 'dana', name: 'Dana Okafor', roles: ['developer'] },
  { id: 'p-e14b9c73au', subject: 'aino', name: 'Aino Virtanen', roles: ['auditor'] },
] as const;

/** The account name of the person who starts local CI jobs, as CI tokens contain it. */
export const ciActor = 'dana-okafor';
/** Who stands in the commits of the shop. */
const shopAuthor = 'shop';
export const consoleClient = 'holdpoint-console';
export const audience = 'holdpoint';
export const ciClaims = {
  repository_id: '1',
  job_workflow_ref: 'holdpoint/holdpoint/.github/workflows/release.yml@refs/heads/main',
  environment: 'production',
} as const;

/** What `npm start` and the commands of the README release. */
const service = { name: 'shop', environments: ['production', 'staging'], alarmPrefix: 'shop-' };

/** Makes 24 hours last 10 seconds. */
const waitScale = 8640;

const shortened = (check: string, parameter: string, document: number, here: number, why: string) => ({
  check,
  parameter,
  document,
  here,
  reason: why,
  approver: 'operations-lead',
});

const laptop = 'Nobody watches a laptop for a day: the series is short but real, and the report shows its real duration.';

const load =
  'A laptop that runs the service, its database and the clients at once is kept busy for seconds only: the load is short but real.';

const busy = 'A laptop does other work beside the service, so answers within a second count as usual.';

/** The stage file of the local stage, validated like any other. */
export const localStage = ({ publicUrl, peopleIssuer, ciIssuer }: Addresses): Stage =>
  stageSchema.parse({
    name: 'local',
    publicUrl,
    waitScale,
    local: true,
    mailFrom: 'Holdpoint <holdpoint@example.com>',
    issuers: [
      {
        kind: 'ci',
        issuer: ciIssuer,
        audience,
        identities: [{ claims: { ...ciClaims }, id: 'ci-holdpoint-main', services: [service.name] }],
        starterClaim: 'actor_id',
      },
      { kind: 'people', issuer: peopleIssuer, audience, clientId: consoleClient, cliClientId: cliClient },
    ],
    roster: people.map(({ id, subject, name, roles }) => ({
      id,
      name,
      address: `${subject}@example.com`,
      roles,
      subjects: [{ issuer: peopleIssuer, subject }],
      starters: subject === 'dana' ? [{ issuer: ciIssuer, actor: ciActor }] : [],
      // The shop's commits are hers.
      commitsAs: subject === 'dana' ? [ciActor, shopAuthor] : [],
    })),
    services: [{ ...service, targets: shopTargets(publicUrl) }],
    deviations: [
      shortened('soak-24h', 'minDurationSeconds', 86_400, 8, laptop),
      shortened('soak-24h', 'minPoints', 1440, 30, laptop),
      shortened('soak-24h', 'maxGapPct', 1, 30, laptop),
      shortened(
        'health-checks-passing',
        'minDurationSeconds',
        60,
        2,
        'A local run should not take minutes: the health probe is short but real.',
      ),
      shortened('load-testing', 'minDurationSeconds', 9, 5, load),
      shortened('load-tests-peak', 'minDurationSeconds', 60, 5, load),
      shortened('performance-baselines', 'minDurationSeconds', 60, 2, laptop),
      shortened('performance-baselines', 'minPoints', 60, 30, laptop),
      shortened('stability-watched', 'minDurationSeconds', 86_400, 8, laptop),
      shortened('stability-watched', 'minPoints', 1440, 30, laptop),
      shortened('stability-watched', 'maxGapPct', 1, 40, laptop),
      shortened('performance-stable', 'minDurationSeconds', 86_400, 8, laptop),
      shortened('performance-normal', 'floorMs', 100, 1000, busy),
      shortened('performance-verified-stable', 'floorMs', 100, 1000, busy),
      shortened('performance-stable', 'floorMs', 100, 1000, busy),
      shortened('performance-as-expected', 'floorMs', 100, 1000, busy),
      shortened('resources-sufficient', 'minSeconds', 300, 5, laptop),
      shortened('continued-monitoring', 'minDurationSeconds', 14_400, 4, laptop),
      shortened('continued-monitoring', 'minPoints', 240, 30, laptop),
      shortened('continued-monitoring', 'maxGapPct', 5, 40, laptop),
    ],
  });

/** Account names at the local identity provider, by person id. */
export const subjects: ReadonlyMap<string, string> = new Map(people.map(({ id, subject }) => [id, subject]));
