import { performance } from 'node:perf_hooks';
import type { Item } from '../../lib/checklist/definition.ts';
import { parseEvidence, type StoredFacts } from '../../lib/registry/evidence.ts';
import { isEvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { judgeFromLanes } from '../../lib/run/state/current-findings.ts';
import { findingFrom } from '../../lib/run/state/findings.ts';
import { laneOfCheck, readGateInputs, readGates } from '../../lib/run/state/gate-inputs.ts';
import type { RunContext } from '../../lib/run/state/run-context.ts';
import { contextOf } from '../given.ts';
import { hundredPieces } from '../hundred-pieces.ts';
import { proofsOf, series } from '../report-fixtures.ts';
import { begin, hour, type Story, toSignOff, toStability } from '../story.ts';
import { wholeChecklist } from '../story-checklist.ts';
import type { Row } from './trail.ts';

const rounds = 21;

/** The facts of a good piece of evidence for the check; undefined for one that is computed from lanes. */
const factsOf = (check: Item, { deps }: Story): StoredFacts | undefined => {
  const { rule } = check;
  if (rule === null || !isEvidenceRule(rule)) return undefined;
  if (rule.kind === 'attested/1') return { type: 'attestation', statement: '0'.repeat(64), person: 'p-technical1', role: rule.role };
  const now = deps.clock.now();
  const [proof] = proofsOf([{ ...check, optional: false }], now);
  // Of two rules on one series, the fixtures send what the longer one asks for.
  const { type, bytes } = proof ?? { type: 'series', bytes: series('monitoring', now.getTime() - 4 * hour, 14_400, 500) };
  const parsed = parseEvidence(type, bytes);
  if (parsed.ok === undefined) throw new Error(`the good piece of ${check.id} cannot be read: ${parsed.refused.detail}`);
  return parsed.ok;
};

/** Judges every check from facts or lanes, and folds the lane of each. */
const judgeAll = (checks: readonly { check: Item; facts: StoredFacts | undefined }[], { context, inputs }: Reading): void => {
  for (const { check, facts } of checks) {
    const said = facts === undefined || check.rule === null ? judgeFromLanes(check, inputs) : judgeEvidence(check.rule, facts);
    if (said?.verdict === 'error' || (said === undefined && facts !== undefined)) throw new Error(`${check.id}: ${said?.reason}`);
    findingFrom(check, laneOfCheck(inputs, check), context, inputs);
  }
};

type Reading = { readonly context: RunContext; readonly inputs: Awaited<ReturnType<typeof readGateInputs>> };

/** The time of judging all checks of the document on full evidence, and what the hundredth piece costs beside the first. */
export const judgingFigures = async (): Promise<readonly Row[]> => {
  const story = await toSignOff(30 * hour, await toStability(await begin(undefined, wholeChecklist)));
  const context = await contextOf(story.deps, story.run);
  const inputs = await readGateInputs(story.deps, context, await readGates(story.deps, context), story.machine.at());
  const checks = context.checklist.items
    .filter(({ kind, source }) => kind === 'check' && source === 'document')
    .map((check) => ({ check, facts: factsOf(check, story) }));
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now();
    judgeAll(checks, { context, inputs });
    return performance.now() - from;
  });
  const [first = 0] = times;
  const median = times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  const pieces = await hundredPieces();
  return [
    {
      figure: `${checks.length} checks judged on full evidence: at once, and the median of ${rounds}`,
      value: `${first.toFixed(1)} ms, ${median.toFixed(1)} ms`,
      limit: '100 ms',
    },
    {
      figure: 'requests for the first and the hundredth piece of evidence',
      value: `${pieces.first.calls}, ${pieces.last.calls}`,
      limit: 'the same',
    },
    {
      figure: 'read units for the first and the hundredth piece of evidence',
      value: `${pieces.first.units}, ${pieces.last.units}`,
      limit: 'the same',
    },
  ];
};
