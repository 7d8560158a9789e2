import { readFileSync } from 'node:fs';
import { counted } from '../../wording.ts';
import type { Report } from './reports.ts';
import { checkOwner, type Demo, holder, must } from './steps.ts';
import { inTurn } from './turns.ts';

/** What CI sends to a run. */

/** Types of reports about the artifact itself; they name its digest. The baseline is about the version before it. */
const isAboutArtifact = ({ type, source }: Report): boolean =>
  type === 'cyclonedx' || (type === 'series' && source !== 'baseline') || (type === 'record' && source.startsWith('read-back'));

/** The verdict of each check that was judged. */
type Effects = readonly (readonly [check: string, verdict: string])[];

const send = async (demo: Demo, report: Report): Promise<Effects> => {
  const answer = await demo.ci.recordEvidence({
    params: { run: demo.run, type: report.type },
    query: {
      source: report.source,
      commit: demo.release.source.commit,
      madeAt: report.madeAt,
      producerRun: demo.job,
      producerAttempt: 1,
      ...(isAboutArtifact(report) ? { component: demo.artifact.component, artifact: demo.artifact.digest } : {}),
    },
    body: readFileSync(report.file),
    contentType: report.contentType,
  });
  const { judged } = must(`evidence ${report.type} of ${report.source}`, answer);
  // A report may be too early for some checks, and serve others. One that serves none is said.
  if (judged.length === 0) return [[`${report.type} of ${report.source}`, 'counts for no check']];
  return judged.map((one): readonly [string, string] => [one.check, one.verdict]);
};

export type Made = Promise<Report | readonly Report[]>;

/** Sends each report as soon as it is there, and says in one line what was sent and what was judged with it. */
export const sendAll = async (demo: Demo, about: string, reports: readonly Made[]): Promise<void> => {
  const sent: Report[] = [];
  const effects: (readonly [string, string])[] = [];
  const sending = reports.map(async (made) => {
    const all = [await made].flat();
    await Promise.all(
      all.map(async (report) => {
        effects.push(...(await inTurn(() => send(demo, report))));
        sent.push(report);
      }),
    );
  });
  await Promise.all(sending);
  demo.output.line(`sent ${about}: ${reportsText(sent)}; ${effectsText(effects)}`);
};

/** The reports by type, each with its source. */
export const reportsText = (reports: readonly Pick<Report, 'type' | 'source'>[]): string => {
  const types = [...new Set(reports.map(({ type }) => type))].toSorted();
  return types
    .map((type) => {
      const sources = reports.filter((one) => one.type === type).map(({ source }) => source);
      return `${type} (${sources.toSorted().join(', ')})`;
    })
    .join(', ');
};

/** How many checks pass, and the name of each that does not. */
export const effectsText = (effects: Effects): string => {
  const others = new Set(effects.filter(([, verdict]) => verdict !== 'pass').map(([check, verdict]) => `${check} ${verdict}`));
  const passing = new Set(effects.filter(([, verdict]) => verdict === 'pass').map(([check]) => check));
  return [`${counted(passing.size, 'check passes', 'checks pass')}`, ...[...others].toSorted()].join(', ');
};

/** Declares optional checks of a gate not applicable, each as a signed-in holder of its owner's role. */
export const declareAll = async (demo: Demo, gate: string, reasons: Readonly<Record<string, string>>): Promise<void> => {
  const owners = await checkOwner(demo, gate);
  const declared = Object.entries(reasons).map(async ([check, reason]) => {
    const client = await demo.stage.person(holder(demo.stage, owners(check)).id);
    must(
      `not applicable: ${check}`,
      await inTurn(() => client.declareNotApplicable({ params: { run: demo.run, check }, body: { reason } })),
    );
  });
  await Promise.all(declared);
  demo.output.line(`declared not applicable: ${Object.keys(reasons).join(', ')}`);
};

/** Waives a check of a gate until tomorrow, as a signed-in holder of its owner's role. */
export const waiveCheck = async (demo: Demo, gate: string, { check, reason }: Record<'check' | 'reason', string>): Promise<void> => {
  const owners = await checkOwner(demo, gate);
  const client = await demo.stage.person(holder(demo.stage, owners(check)).id);
  const until = new Date(Date.now() + 86_400_000).toISOString();
  must(`waive ${check}`, await inTurn(() => client.waive({ params: { run: demo.run, check }, body: { reason, until } })));
  demo.output.line(`waived: ${check}`);
};
