import { checksOf, type Item } from '../lib/checklist/definition.ts';
import { readRun } from '../lib/query/run-view.ts';
import { isEvidenceType } from '../lib/registry/evidence.ts';
import { isEvidenceRule } from '../lib/registry/rules.ts';
import type { FakeDependencies } from './fakes.ts';
import { bytesOf } from './given.ts';
import { recordMadeAt, sampleOf, timelessSampleOf } from './samples.ts';

/** Reports that satisfy the checks of a gate, derived from the definition: a new check or evidence type needs no change in a story. */
export type Proof = { readonly type: string; readonly bytes: Uint8Array; readonly source: string; readonly component: boolean };

/** Requests that the service answers in a minute, in every series. */
const rate = 600;

/** A series of a probe; its first point is at `from`, in milliseconds since 1970. */
export const series = (name: string, from: number, seconds: number, points: number): Uint8Array =>
  bytesOf({
    schema: 'holdpoint.series/1',
    name,
    about: 'test',
    points: Array.from({ length: points }, (_, n) => ({
      at: new Date(from + (n * seconds * 1000) / (points - 1)).toISOString(),
      ok: true,
      latencyMs: 5,
      requests: Math.max(1, Math.round((rate * seconds) / (points - 1) / 60)),
    })),
  });

/** The sample of a log, with its last line at an instant. */
const logUntil = (now: Date): Uint8Array => {
  const text = new TextDecoder().decode(sampleOf('log-sample'));
  const times = [...text.matchAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g)].map(([at]) => Date.parse(at));
  const later = now.getTime() - Math.max(...times);
  return new TextEncoder().encode(text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => new Date(Date.parse(at) + later).toISOString()));
};

/** Nobody sends what Holdpoint looks at itself. Else the sample of the check's evidence type, or a series over the time that its rule asks for, which ends now. */
const proofOf = ({ id, rule, after, scope, needs, optional }: Item, now: Date): Proof | undefined => {
  // A story declares what is optional not applicable.
  if (optional || rule === null || !isEvidenceRule(rule) || rule.evidence === 'attestation' || needs !== undefined) return undefined;
  const component = scope === 'artifact';
  if (rule.evidence === 'series') {
    // A rule on the same series says for how long it must go on.
    if (!('minDurationSeconds' in rule)) return undefined;
    const seconds = rule.minDurationSeconds + 1;
    const points = 2 * Math.max(rule.minPoints, Math.ceil(100 / rule.maxGapPct));
    return { type: 'series', bytes: series(rule.series, now.getTime() - seconds * 1000, seconds, points), source: rule.series, component };
  }
  if (rule.evidence === 'record') {
    const { about, environment } = rule;
    const changes = { ...(about === undefined ? {} : { about }), ...(environment === undefined ? {} : { environment }) };
    return { type: 'record', bytes: recordMadeAt(rule.kind.replace(/-record\/1$/, ''), now, changes), source: id, component };
  }
  if (rule.evidence === 'log-sample') return { type: 'log-sample', bytes: logUntil(now), source: 'ci', component };
  if (rule.kind === 'sarif-clean/1' && rule.tools[0] !== 'secretlint') {
    // A scan counts only where its log lists the files that were read.
    const text = new TextDecoder()
      .decode(timelessSampleOf('sarif'))
      .replace('secretlint', rule.tools[0] ?? '')
      .replace('"artifacts": [', '"properties": { "scope": "whole" }, "artifacts": [');
    return { type: 'sarif', bytes: new TextEncoder().encode(text), source: id, component };
  }
  if (rule.kind === 'junit-passes/1' && rule.suites !== undefined) {
    const suite = rule.suites[0]?.replaceAll('*', ' ').trim();
    const text = `<testsuites><testsuite name="${suite} tests"><testcase classname="suite" name="case" time="0.01"/></testsuite></testsuites>`;
    return { type: 'junit', bytes: new TextEncoder().encode(text), source: id, component };
  }
  if (!isEvidenceType(rule.evidence))
    throw new Error(`the check ${id} needs evidence of type ${String(rule.evidence)}, which does not exist`);
  // After the deployment a report is another source: it must not replace what was measured before.
  return {
    type: rule.evidence,
    bytes: timelessSampleOf(rule.evidence),
    source: after === 'deployment.finished' ? 'after-deployment' : 'ci',
    component,
  };
};

/** One report of a type and source serves every check of the gate. `but`: evidence types that the story sends by itself, but for the  reports that are about one check only. */
export const proofsOf = (checks: readonly Item[], now: Date, but: readonly string[] = []): readonly Proof[] => {
  const isOwn = ({ source }: Proof): boolean => checks.some(({ id }) => id === source);
  const proofs = checks.flatMap((check) => proofOf(check, now) ?? []).filter((proof) => isOwn(proof) || !but.includes(proof.type));
  return [...new Map(proofs.map((proof) => [`${proof.type} ${proof.source}`, proof])).values()];
};

type Reached = { readonly deps: FakeDependencies; readonly run: string; readonly machine: { readonly at: () => string } };

/** Fails when the story is not at the gate, and names each check that is not satisfied with the proof that it needs. */
export const reached = async <S extends Reached>(story: S, gate: string): Promise<S> => {
  const at = story.machine.at();
  if (at === gate) return story;
  const open = (await readRun(story.deps, story.run)).ok?.gates.find(({ id }) => id === at);
  const missing = (open?.checks ?? []).filter(
    ({ mode, verdict }) => mode === 'required' && !['pass', 'waived', 'not-applicable'].includes(verdict),
  );
  const checks = missing.map(({ check, verdict, proof }) => `check ${check} is ${verdict}; it needs: ${proof}`);
  throw new Error([`the story is at ${at}, expected ${gate}`, ...checks, ...(open?.reasons ?? [])].join('\n'));
};

export const checksAt = (deps: FakeDependencies, gate: string): readonly Item[] => checksOf(deps.definitions.current().checklist, gate);
