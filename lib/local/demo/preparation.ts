import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Client } from '../../api/client.ts';
import type { EnvironmentView } from '../../query/environment-view.ts';
import { hasEnded, isOpen } from '../../query/gate-state.ts';
import type { GateView } from '../../query/view.ts';
import type { Output } from './output.ts';
import type { Published } from './release.ts';
import type { PublishedVersion } from './shop-function.ts';
import { Blocked, type DemoStage } from './stage.ts';
import { component, holder, must } from './steps.ts';
import { waitFor } from './waiting.ts';

/** What happens before the first run: orders are placed, and the version to go back to is named and rehearsed. */

const placedOrders = 12;
/** A release that is taken back in production, and a drill in staging. Milliseconds. */
const limits = { takenBack: 120_000, drill: 90_000 } as const;

export const placeOrders = async ({ shop }: DemoStage, output: Output): Promise<void> => {
  const ordering = output.part('orders placed through the live version');
  await Promise.all([shop.orders.seed(), shop.client.placeOrders(placedOrders)]);
  ordering(`${placedOrders} orders, and the one that the critical probe reads`);
};

export const readEnvironment = async (stage: DemoStage): Promise<EnvironmentView> => {
  const auditor = await stage.person(holder(stage, 'auditor').id);
  const params = { service: stage.service, environment: stage.environment };
  return must('read the environment', await auditor.readEnvironment({ params }));
};

/** A run of an earlier demo that was broken off after T0 keeps the environment from others: operations take its release back. */
export const freeEnvironment = async (stage: DemoStage, output: Output): Promise<void> => {
  const { holder: held } = await readEnvironment(stage);
  if (held === null || held.how !== 'exclusive') return;
  const lead = await stage.person(holder(stage, 'operations-lead').id);
  const freeing = output.part(`release of the earlier run ${held.run} taken back, because it holds the environment`);
  const reason = 'The demo that released it was broken off.';
  const taken = await lead.triggerRollback({
    params: { run: held.run },
    body: { trigger: 'critical-feature-not-working', reason, decide: true },
  });
  if (taken.problem?.type.endsWith('/rollback-before-deployment') === true)
    must('cancel the earlier run', await lead.cancelRun({ params: { run: held.run }, body: { reason } }));
  else must('take the earlier run back', taken);
  freeing(await outcomeOf(stage, lead, { run: held.run, limitMs: limits.takenBack }));
};

/** What is live was not released through Holdpoint, so two people name it as the version to go back to. */
export const adoptTarget = async (stage: DemoStage, output: Output): Promise<void> => {
  const known = (await readEnvironment(stage)).target;
  if (known !== null) return output.line(`a rollback of ${stage.environment} leads to version ${known.version} (${known.level})`);
  const [live, version] = [await stage.shop.function.read('live'), await stage.shop.client.readVersion()];
  const body = {
    target: 'adopt' as const,
    version,
    components: [{ component, digest: live.digest, reference: live.version }],
    reason: 'The stack deployed it, and it serves the orders of this stage.',
  };
  const people = [holder(stage, 'technical-lead'), holder(stage, 'operations-lead')];
  for (const { id } of people) {
    const client = await stage.person(id);
    must('adopt the target', await client.adoptTarget({ params: { service: stage.service, environment: stage.environment }, body }));
  }
  output.line(
    `${people.map(({ name }) => name).join(' and ')} named version ${version} as the one to go back to: ${live.digest.slice(0, 19)}`,
  );
};

/** The profile of the shop, with the deviation that its critical probe takes a release back without a person. */
const decidingItself = (profile: string): string => {
  const document = parseDocument(profile);
  const reason = 'The probe reads an order as customers do, and a release that cannot is taken back at once.';
  const decided = { trigger: 'critical-feature-not-working', reason, approver: 'operations-lead' };
  document.setIn(['targets', 'production', 'decideThemselves'], document.createNode([decided]));
  return document.toString();
};

type Registered = { readonly decidesItself: boolean };

/** A developer proposes the profile of the shop, and both leads approve it, unless it is in force. Runs that start later are judged by it. */
export const registerProfile = async (stage: DemoStage, output: Output, { decidesItself }: Registered): Promise<void> => {
  const params = { service: stage.service };
  const own = readFileSync(join(stage.workspace.root, 'lib', 'local', 'shop', 'holdpoint.yaml'), 'utf8');
  const body = new TextEncoder().encode(decidesItself ? decidingItself(own) : own);
  const developer = holder(stage, 'developer');
  const proposer = await stage.person(developer.id);
  const { profile, definition, state, diff } = must('propose the profile', await proposer.proposeProfile({ params, query: {}, body }));
  if (state === 'in-force') return output.line(`the profile ${profile.slice(0, 12)} of the shop is in force`);
  const leads = [holder(stage, 'technical-lead'), holder(stage, 'operations-lead')];
  for (const { id } of leads) {
    const lead = await stage.person(id);
    must('approve the profile', await lead.answerProfile({ params, body: { profile, definition, answer: 'approved' } }));
  }
  const names = leads.map(({ name }) => name).join(' and ');
  output.line(
    `${developer.name} proposed the profile of the shop (${diff.features.added.length} features, ${diff.changed.length} checks changed), ${names} approved it: ${profile.slice(0, 12)}`,
  );
};

/** What a rollback of the candidate leads to: what is live in production. Null where that is the candidate itself. */
export const backOf = async ({ shop }: DemoStage, { published }: Published): Promise<PublishedVersion | null> => {
  const live = await shop.function.read('live');
  return live.digest === published.digest ? null : live;
};

/**
 * Rehearses the whole rollback in staging: from the release candidate back to the version that is live in production. Nothing is rehearsed
 * when both are the same; then the newest drill counts. Resolves when the drill is recorded.
 */
export const rehearseRollback = async (
  stage: DemoStage,
  output: Output,
  candidate: Published,
  back: PublishedVersion | null,
): Promise<void> => {
  if (back === null) return output.line('the release candidate is live already, so no rollback is rehearsed');
  await stage.shop.function.shift(candidate.published.version, 'staging');
  const run = await startDrill(stage, candidate, { ...back, name: await stage.shop.client.readVersion() });
  const rehearsing = output.part('rollback rehearsed in staging');
  const auditor = await stage.person(holder(stage, 'auditor').id);
  const outcome = await outcomeOf(stage, auditor, { run, limitMs: limits.drill });
  const now = await stage.shop.function.read('staging');
  if (outcome !== 'rolled-back' || now.digest !== back.digest)
    throw new Blocked(`The drill ${run} ended as ${outcome}, and the alias staging names version ${now.version}.`);
  rehearsing(`drill ${run}, from version ${candidate.published.version} back to version ${back.version}`);
};

type Back = PublishedVersion & { readonly name: string };

const startDrill = async (stage: DemoStage, { source, published }: Published, back: Back): Promise<string> => {
  const ci = await stage.ci();
  const { run } = must(
    'start the drill',
    await ci.startRun({
      body: {
        service: stage.service,
        environment: stage.staging,
        version: source.version,
        commit: source.commit,
        artifacts: [{ component, digest: published.digest }],
        changes: [],
        reason: `A rehearsal of the rollback of shop ${source.version}.`,
        risk: 'low',
        impact: 'low',
        plannedT0: 'when-released',
        drill: { version: back.name, components: [{ component, digest: back.digest, reference: back.version }] },
      },
    }),
  );
  return run;
};

type Ending = { readonly run: string; readonly limitMs: number };

const outcomeOf = ({ workspace: { signal } }: DemoStage, reader: Client, { run, limitMs }: Ending): Promise<string> => {
  let open: GateView | undefined;
  return waitFor({
    limitMs,
    signal,
    what: () => `the end of the run ${run}: ${open?.title}, ${open?.reasons.join('; ')}`,
    look: async () => {
      const view = must('read the run', await reader.readRun({ params: { run } }));
      open = view.gates.find(isOpen);
      return hasEnded(view) ? view.outcome : undefined;
    },
  });
};

/** The newest drill with its measured budgets, in one sentence. */
export const rehearsalText = async (stage: DemoStage): Promise<string> => {
  const { drill } = await readEnvironment(stage);
  if (drill === null) throw new Error('no rollback of the shop was rehearsed');
  const { decision, execution, verification, total } = drill.budgets;
  const figures = Object.entries({ decision, execution, verification, total }).map(([name, { seconds }]) => `${name} ${seconds} s`);
  return `the rollback was rehearsed in ${drill.environment} by the drill ${drill.run}, which ended as ${drill.outcome} (${figures.join(', ')}).`;
};
