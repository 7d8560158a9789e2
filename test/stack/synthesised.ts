import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Stage } from '../../lib/checklist/stage.ts';
import { functionNames } from '../../lib/lambda-manifest.ts';
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

/** Code that stands for the bundles: the template does not depend on what is in them. */
const standIns = (folder: string): string => {
  for (const name of [...functionNames, 'shop', 'shop-stop-requests']) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'index.mjs'), `export const handler = async () => '${name}';`);
  }
  return folder;
};

type Stacks = ReturnType<typeof createStacks>;

/** Makes the stacks of a stage in a folder of their own, hands them over unsynthesised, and deletes the folder afterwards. */
export const withStacks = <T>(stage: Stage, use: (app: App, stacks: Stacks) => T, context: object = {}): T => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-synth-'));
  try {
    const app = new App({
      context: { ...settings.context, 'aws:cdk:bundling-stacks': [], ...context },
      outdir: join(folder, 'assembly'),
    });
    return use(app, createStacks(app, stage, standIns(join(folder, 'bundles'))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

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

type Templates = {
  readonly data: Template;
  readonly app: Template;
  readonly shop: Template | undefined;
  readonly terminationProtection: boolean;
};

const synthesise = (stage: Stage): Templates =>
  withStacks(stage, (_app, stacks) => ({
    data: Template.fromStack(stacks.data),
    app: Template.fromStack(stacks.app),
    shop: stacks.shop && Template.fromStack(stacks.shop),
    terminationProtection: stacks.data.terminationProtection,
  }));

const synthesised = new Map<string, Templates>();

/** Templates of a stage's stacks. Each stage is synthesised once: all files of the project share this module (`isolate: false`). */
export const templatesOf = (stage: Stage): Templates => {
  const key = JSON.stringify(stage);
  const templates = synthesised.get(key) ?? synthesise(stage);
  synthesised.set(key, templates);
  return templates;
};
