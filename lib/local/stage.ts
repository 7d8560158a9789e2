import { type Stage, stageSchema } from '../checklist/stage.ts';

/** Ports and addresses of a local stage. */
export type Addresses = {
  /** Where browsers and the command line go. */
  readonly publicUrl: string;
  /** Issuer of people's tokens, and issuer of CI's. */
  readonly peopleIssuer: string;
  readonly ciIssuer: string;
};

/** The invented people of a local stage; their ids are fixed, so that a stage stays the same over restarts. */
const people = [
  { id: 'p-7c1e5a90tl', subject: 'tove', name: 'Tove Lindqvist', roles: ['technical-lead'] },
  { id: 'p-2f84d6b1ol', subject: 'omar', name: 'Omar Haddad', roles: ['operations-lead', 'operator'] },
  { id: 'p-b93a07c4po', subject: 'petra', name: 'Petra Novak', roles: ['product-owner'] },
  { id: 'p-5d60e8f2dv', subject: 'dana', name: 'Dana Okafor', roles: ['developer'] },
  { id: 'p-e14b9c73au', subject: 'aino', name: 'Aino Virtanen', roles: ['auditor'] },
] as const;

/** The account name of the person behind local CI jobs, as the CI provider puts it into tokens. */
export const ciActor = 'dana-okafor';
export const consoleClient = 'holdpoint-console';
export const audience = 'holdpoint';
export const ciClaims = {
  repository_id: '1',
  job_workflow_ref: 'holdpoint/holdpoint/.github/workflows/release.yml@refs/heads/main',
  environment: 'production',
} as const;

/** This project itself, which `npm start` releases, and the one that the README's commands release. */
const services = [
  { name: 'holdpoint', environments: ['production'], alarmPrefix: 'holdpoint-' },
  { name: 'shop', environments: ['production'], alarmPrefix: 'shop-' },
];

/** 24 hours take 10 seconds. */
const waitScale = 8640;

const shorter = (check: string, parameter: string, document: number, here: number, why: string) => ({
  check,
  parameter,
  document,
  here,
  reason: why,
  approver: 'operations-lead',
});

const laptop = 'A laptop is not watched for a day: the series is short and real, and the report shows its real duration.';

/** The configuration of the local stage, checked like any other. */
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
        identities: [{ claims: { ...ciClaims }, id: 'ci-holdpoint-main', services: services.map(({ name }) => name) }],
        starterClaim: 'actor_id',
      },
      { kind: 'people', issuer: peopleIssuer, audience, clientId: consoleClient },
    ],
    roster: people.map(({ id, subject, name, roles }) => ({
      id,
      name,
      address: `${subject}@example.com`,
      roles,
      subjects: [{ issuer: peopleIssuer, subject }],
      starters: subject === 'dana' ? [{ issuer: ciIssuer, actor: ciActor }] : [],
    })),
    services: [...services],
    deviations: [
      shorter('soak-24h', 'minDurationSeconds', 86_400, 15, laptop),
      shorter('soak-24h', 'minPoints', 1440, 30, laptop),
      shorter('soak-24h', 'maxGapPct', 1, 20, laptop),
      shorter(
        'health-checks-passing',
        'minDurationSeconds',
        60,
        2,
        'A laptop is not watched for a minute: the health probe is short and real.',
      ),
      shorter('continued-monitoring', 'minDurationSeconds', 14_400, 8, laptop),
      shorter('continued-monitoring', 'minPoints', 240, 30, laptop),
      shorter('continued-monitoring', 'maxGapPct', 5, 40, laptop),
    ],
  });

/** Account names at the local provider, by person id. */
export const subjects: ReadonlyMap<string, string> = new Map(people.map(({ id, subject }) => [id, subject]));
