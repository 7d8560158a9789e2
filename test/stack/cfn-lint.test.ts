import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { resourceKinds } from '../../lib/checklist/observed-resources.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { projectFolder } from '../../lib/local/paths.ts';
import { preparePython } from '../../lib/local/python.ts';
import { holdpointFeedTemplate } from '../../lib/stack/holdpoint-feed-template.ts';
import { localStage, realStage, templatesOf } from './synthesised.ts';

/** What a stage may ask for beyond what each has. */
const fullest: Stage = {
  ...realStage,
  mailIdentity: 'create',
  domain: { certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-1111-2222-333344445555' },
  observedAccounts: ['222233334444', '333344445555'],
  evidenceRetention: { mode: 'COMPLIANCE', days: 365 },
  services: Array.from({ length: 200 }, (_, place) => ({
    name: `service-${place}`,
    environments: ['production'],
    alarmPrefix: `service-${place}-alarms-`,
    resources: resourceKinds.map((kind) => ({ kind, name: `service-${place}`, environment: 'production' })),
  })),
};
const stages: Readonly<Record<string, Stage>> = {
  production: realStage,
  fullest,
  'removable and restored': { ...realStage, removable: true, restoredTables: { audit: 'audit-restored', runs: 'runs-restored' } },
  local: localStage,
};

/** A role that needs its policy before a function uses it, and an output of an import: the CDK writes both so. */
const accepted = ['W3005', 'W6001'];

type Finding = { readonly Rule: { readonly Id: string }; readonly Message: string; readonly Filename: string };
let found: readonly Finding[] = [];

/** Runs once over all templates: most of its time goes into its start. */
const lint = async (program: string, folder: string): Promise<readonly Finding[]> => {
  const { stdout } = await promisify(execFile)(
    program,
    ['--format', 'json', '--regions', 'us-east-1', 'eu-central-1', '--', join(folder, '*.json')],
    { maxBuffer: 50_000_000 },
    // It exits with another code than 0 when it found something.
  ).catch((fault: { readonly stdout?: string }) => ({ stdout: fault.stdout ?? '' }));
  return JSON.parse(stdout) as readonly Finding[];
};

beforeAll(async () => {
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const requirements = fileURLToPath(new URL('cfn-lint-requirements.txt', import.meta.url));
  const venv = join(projectFolder, '.local', 'cfn-lint');
  await preparePython({ venv, env, requirements, say: (message) => console.error(message) });
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-cfn-lint-'));
  const put = (name: string, template: object): void => writeFileSync(join(folder, `${name}.json`), JSON.stringify(template));
  for (const [name, stage] of Object.entries(stages)) {
    put(`${name}-data`, templatesOf(stage).data.toJSON());
    put(`${name}-app`, templatesOf(stage).app.toJSON());
  }
  put('holdpoint-feed', holdpointFeedTemplate());
  put('broken', { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 'long' } } } });
  try {
    found = await lint(join(venv, 'bin', 'cfn-lint'), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 400_000);

const findings = (name: string): readonly string[] =>
  found
    .filter(({ Rule, Filename }) => Filename.endsWith(`/${name}.json`) && !accepted.includes(Rule.Id))
    .map(({ Rule, Message }) => `${Rule.Id} ${Message}`);

describe('cfn-lint', () => {
  test.each(Object.keys(stages))('finds nothing in the templates of a stage: %s', (name) => {
    // What it accepts shows that it has read the template.
    expect(found.some(({ Filename }) => Filename.endsWith(`/${name}-app.json`))).toBe(true);
    expect([...findings(`${name}-data`), ...findings(`${name}-app`)]).toEqual([]);
  });

  test('finds nothing in the template for workload accounts', () => {
    expect(findings('holdpoint-feed')).toEqual([]);
  });

  test('sees an error', () => {
    expect(findings('broken')).toEqual([expect.stringMatching(/^E3012 /)]);
  });
});
