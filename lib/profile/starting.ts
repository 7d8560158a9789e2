import type { Checklist } from '../checklist/definition.ts';
import { kindOf } from '../registry/rules.ts';
import { foundFeatures, globSafe, mostPaths } from './found-features.ts';
import { documentFor, lacking, migrationFolders, suitesIn } from './needs.ts';
import { documentLines } from './parameters.ts';
import type { Repository } from './repository.ts';
import { endpoint, glob, profileSchemaId } from './schema.ts';

const mostEndpoints = 500;

/**
 * A profile to begin with, in YAML with comments. `until`: the date to which everything is observed that needs what the repository lacks.
 * Values are written as JSON, which is YAML, so that no name of a file changes the form.
 */
export const startingProfile = (checklist: Checklist, repository: Repository, until: string): string =>
  [
    `# What ${repository.service} says about itself. \`holdpoint profile check\` checks this file, \`holdpoint checklist --profile\` shows what it gives.`,
    `$schema: ${profileSchemaId}`,
    `service: ${JSON.stringify(repository.service)}`,
    '',
    ...features(repository),
    '',
    ...suites(checklist),
    ...guides(checklist, repository),
    ...endpoints(repository),
    ...migrations(repository),
    ...ports(repository),
    ...peak,
    ...examples,
    ...observe(lacking(checklist, repository), until),
    '',
  ].join('\n');

const features = ({ service, files }: Repository): readonly string[] => [
  '# The features that users know, and the production files of each. Every production file belongs to one at least. `suites` says which test',
  '# suites are about a feature ("*" stands for any characters). Without it these are: suites, classes, files and properties that are named after',
  '# the feature, and the test files in its paths. A feature without a test is not shown to work.',
  'features:',
  ...foundFeatures({ service, files }).flatMap(({ id, title, paths }) => [
    `  - id: ${id}`,
    `    title: ${JSON.stringify(title)}`,
    `    paths: ${listOf(paths)}`,
    `    # suites: ["*${id}*"]`,
  ]),
];

const listOf = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;

/** The usual patterns, so that a team sees what its tests must be called, or writes how it calls them. */
const suites = ({ items }: Checklist): readonly string[] => [
  '# Which test suites, classes or files prove which check: a report counts for a check where one has such a name.',
  'suites:',
  ...items.flatMap(({ id, rule }) => {
    const usual = rule === null || !kindOf(rule).service.takes(rule).includes('suites') ? undefined : suitesIn(rule);
    return usual === undefined ? [] : [`  ${id}: ${listOf(usual)}`];
  }),
  '',
];

const guides = (checklist: Checklist, repository: Repository): readonly string[] => {
  const found = documentLines(checklist).flatMap((id) => {
    const item = checklist.items.find((one) => one.id === id);
    const path = item === undefined ? undefined : documentFor(item, repository);
    return path === undefined ? [] : [`  ${id}: ${JSON.stringify(path)}`];
  });
  return found.length === 0
    ? []
    : ['# Which document is which guide. `holdpoint document FILE --as NAME` writes the record that proves it.', 'guides:', ...found, ''];
};

const endpoints = ({ openapi }: Repository): readonly string[] =>
  openapi === undefined || openapi.endpoints.length > mostEndpoints || !openapi.endpoints.every((one) => endpoint.safeParse(one).success)
    ? []
    : [
        `# What the service serves, from ${JSON.stringify(openapi.path)}: the document must have each of them, and a test or a call of Holdpoint must show each after the deployment.`,
        'endpoints:',
        ...openapi.endpoints.map((one) => `  - ${JSON.stringify(one)}`),
        '',
      ];

/** Where there are too many folders, or one that no glob can name, every folder of such a name is meant: a release may not hide what it migrates. */
const migrationGlobs = (repository: Repository): readonly string[] => {
  const globs = migrationFolders(repository).map((folder) => `${folder.split('/').map(globSafe).join('/')}/**`);
  const isNamed = globs.length <= mostPaths && globs.every((one) => glob.safeParse(one).success);
  return isNamed ? globs : ['**/migration*/**', '**/db/migrate/**', '**/alembic/versions/**'];
};

const migrations = (repository: Repository): readonly string[] => {
  const folders = migrationGlobs(repository);
  return folders.length === 0
    ? []
    : [
        '# The files that migrate data: a release that changes one of them (`holdpoint changes`) cannot say that it migrates nothing.',
        `migrations: ${listOf(folders)}`,
        '',
      ];
};

const ports = ({ ports: exposed }: Repository): readonly string[] =>
  exposed.length === 0
    ? []
    : [
        '# The ports that the services may have, from the Dockerfile.',
        `ports: { from: ${Math.min(...exposed)}, to: ${Math.max(...exposed)} }`,
        '',
      ];

/** No file of a repository says it. */
const peak = [
  '# How many clients the service has at once at its peak: the load test in staging must have half as many more. Without it, 100 are expected.',
  '# expectedPeak: 200',
  '',
] as const;

const examples = [
  '# Stricter figures than the document has, by check:',
  '# tighten:',
  '#   coverage-per-feature: { floorPct: 80 }',
  '',
  '# What this service does not do as the document says, and why. The parameter mode from required to observe drops a check:',
  '# deviations:',
  '#   - check: manifests-valid',
  '#     parameter: mode',
  '#     document: required',
  '#     here: observe',
  '#     reason: This service does not run on Kubernetes.',
  '#     approver: technical-lead',
  '',
  '# Where Holdpoint looks itself, by environment, within what the stage file permits. A path begins at the address of the environment there:',
  '# targets:',
  '#   production:',
  '#     probes:',
  '#       - { id: health, url: /health, expect: { status: [200] }, critical: true }',
  '#     alarms: [shop-production-errors]',
  '',
] as const;

const observe = (lacked: ReadonlyMap<string, string>, until: string): readonly string[] =>
  lacked.size === 0
    ? []
    : [
        '# Judged and shown, and holding nothing until the date; then required. The repository lacks what they need, or cannot show that it is sent:',
        '# behind each check stands what to send. Take a check out as soon as that is sent. `holdpoint schema NAME` prints the form of a record.',
        'observe:',
        ...[...lacked].map(([id, what]) => `  ${id}: ${until} # ${what}`),
      ];
