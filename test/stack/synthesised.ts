import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import type { Stage } from '../../lib/checklist/stage.ts';
import { functionNames } from '../../lib/functions.ts';
import { createStacks } from '../../lib/stack/app.ts';

/** A stage as a customer has it. */
export const realStage: Stage = {
  name: 'production',
  publicUrl: 'https://holdpoint.example.com',
  waitScale: 1,
  local: false,
  mailFrom: 'Holdpoint <holdpoint@example.com>',
  mailIdentity: 'existing',
  issuers: [
    {
      kind: 'ci',
      issuer: 'https://token.example.com',
      audience: 'holdpoint',
      identities: [{ claims: { repository: 'example/shop' }, id: 'ci-shop', services: ['shop'] }],
      starterClaim: 'actor',
    },
    { kind: 'people', issuer: 'https://login.example.com', audience: 'holdpoint', clientId: 'holdpoint' },
  ],
  roster: [],
  services: [{ name: 'shop', environments: ['production'], alarmPrefix: 'shop-' }],
  deviations: [],
};
export const localStage: Stage = { ...realStage, name: 'local', local: true, waitScale: 1440 };

const settings = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as { context: Record<string, unknown> };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes with the test file. */
const passing = (what: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `holdpoint-${what}-`));
  folders.push(folder);
  return folder;
};

/** Code that stands for the bundles: the template does not depend on what is in them. */
const standIns = (): string => {
  const folder = passing('synth');
  for (const name of functionNames) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.mjs'), `export const handler = async () => '${name}';`);
  }
  return folder;
};

export const newApp = (): App => new App({ context: { ...settings.context, 'aws:cdk:bundling-stacks': [] }, outdir: passing('assembly') });

/** The stacks of a stage, unsynthesised. */
export const stacksOf = (app: App, stage: Stage) => createStacks(app, stage, standIns());

export type Resource = {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
};
export type Resources = Readonly<Record<string, Resource>>;

export const resourcesOf = (template: Template): Resources => template.toJSON().Resources as Resources;
export const ofType = (resources: Resources, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

/** Templates of a stage's stacks. */
export const templatesOf = (
  stage: Stage,
): { readonly data: Template; readonly app: Template; readonly sample: Template | undefined; readonly terminationProtection: boolean } => {
  const stacks = stacksOf(newApp(), stage);
  return {
    data: Template.fromStack(stacks.data),
    app: Template.fromStack(stacks.app),
    sample: stacks.sample && Template.fromStack(stacks.sample),
    terminationProtection: stacks.data.terminationProtection,
  };
};
