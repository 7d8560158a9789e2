import { readFileSync } from 'node:fs';
import type { Client } from '../../api/client.ts';
import { ownerOf } from '../../cli/owner.ts';
import type { Output } from './output.ts';
import type { Report } from './reports.ts';
import { effectsText, type Made, reportsText } from './sending.ts';
import type { DemoStage } from './stage.ts';
import { holder, must } from './steps.ts';
import { inTurn } from './turns.ts';

/** What is given once for the service and counts in both runs. */

/** `job`: names the producer of all reports that are given with it. */
export type Giving = { readonly stage: DemoStage; readonly output: Output; readonly ci: Client; readonly job: string };
type Effects = readonly (readonly [check: string, verdict: string])[];
type About = { readonly what: string; readonly environment?: string };

/** Gives each report for the service as soon as it is there, as CI does, and says in one line what was given. */
export const giveAll = async (giving: Giving, { what, environment }: About, made: readonly Made[]): Promise<void> => {
  const given: Report[] = [];
  const effects: (readonly [string, string])[] = [];
  const giveOne = async (report: Report): Promise<Effects> => {
    const { judged } = must(
      `standing evidence ${report.source}`,
      await giving.ci.giveEvidence({
        params: { service: giving.stage.service, type: report.type },
        query: {
          source: report.source,
          madeAt: report.madeAt,
          producerRun: giving.job,
          producerAttempt: 1,
          ...(environment === undefined ? {} : { environment }),
        },
        body: readFileSync(report.file),
        contentType: report.contentType,
      }),
    );
    return judged.map((one): readonly [string, string] => [one.check, one.verdict]);
  };
  await Promise.all(
    made.map(async (one) => {
      for (const report of [await one].flat()) {
        effects.push(...(await inTurn(() => giveOne(report))));
        given.push(report);
      }
    }),
  );
  giving.output.line(`given once for the service, ${what}: ${reportsText(given)}; ${effectsText(effects)}`);
};

/** What only people may say: one gives it, and a second signed-in person confirms it. */
export const giveAsPeople = async ({ stage, output }: Giving, { what, environment }: Required<About>, report: Report): Promise<void> => {
  const { service } = stage;
  const owner = holder(stage, 'operations-lead');
  const [first, second] = await Promise.all([stage.person(owner.id), stage.person(secondFor(stage, owner.id))]);
  const { event } = must(
    `give ${what}`,
    await inTurn(() =>
      first.giveEvidence({
        params: { service, type: report.type },
        query: { source: report.source, madeAt: report.madeAt, producerAttempt: 1, environment },
        body: readFileSync(report.file),
        contentType: report.contentType,
      }),
    ),
  );
  must(`confirm ${what}`, await inTurn(() => second.decideEvidence({ params: { service, event }, body: { decision: 'confirmed' } })));
  output.line(`given once for the service, ${what}, confirmed by a second person: ${report.type} (${report.source})`);
};

export type Statement = { readonly check: string; readonly statement: string; readonly environment?: string };

/** The owner of each check attests it for the service, and a second signed-in person confirms it. */
export const attestForService = async ({ stage, output }: Pick<Giving, 'stage' | 'output'>, all: readonly Statement[]): Promise<void> => {
  const { service } = stage;
  await Promise.all(
    all.map(async ({ check, ...body }) => {
      const owner = holder(stage, ownerOf(check));
      const [first, second] = await Promise.all([stage.person(owner.id), stage.person(secondFor(stage, owner.id))]);
      const { event } = must(
        `attest ${check} for the service`,
        await inTurn(() => first.attestForService({ params: { service, check }, body })),
      );
      must(`confirm ${check}`, await inTurn(() => second.decideEvidence({ params: { service, event }, body: { decision: 'confirmed' } })));
    }),
  );
  output.line(`attested once for the service, each confirmed by a second person: ${all.map(({ check }) => check).join(', ')}`);
};

/** Another one of those who sign. */
const secondFor = (stage: DemoStage, first: string): string => {
  const found = (['technical-lead', 'operations-lead'] as const).map((role) => holder(stage, role)).find(({ id }) => id !== first);
  if (found === undefined) throw new Error('the local roster has one person for both leads');
  return found.id;
};
