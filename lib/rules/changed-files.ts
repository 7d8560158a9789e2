import * as z from 'zod';
import type { CoverageFacts } from '../evidence/coverage-facts.ts';
import { mostFiles } from '../evidence/kind.ts';
import type { RecordFacts } from '../evidence/record.ts';
import { isTestFile } from '../evidence/source-files.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { type LiveVersion, notBehindLive } from './base-reviewed.ts';
import { type CoveredFeature, coveredFeatureSchema, pathsInRepository } from './feature-coverage.ts';
import { withParts } from './parts.ts';
import { listedBy } from './path-glob.ts';

/** The record that lists the changed files of a release. */
export const isChanges = (facts: object): facts is RecordFacts =>
  'record' in facts && 'type' in facts && facts.type === 'record' && facts.record === 'changes';

/** What such a record says by itself, before it is compared with the coverage of the release. */
export const changesListed = ({ changed, base, figures, faults, faultsCount }: RecordFacts): Judgement => {
  if (faultsCount > 0) return { verdict: 'inconclusive', reason: `the list of changed files is wrong: ${faults[0]}` };
  return changed === undefined
    ? {
        verdict: 'inconclusive',
        reason: `the record lists ${counted((figures.added ?? 0) + (figures.modified ?? 0), 'changed file')}; so many, or with so long paths, are not kept, and it is not known which they are`,
      }
    : { verdict: 'pass', reason: `${counted(changed.length, 'file')} changed since ${base ?? 'a commit that it does not name'}` };
};

const withFeatures = z.object({ features: z.array(coveredFeatureSchema).optional() });

/** The features whose paths are production code; undefined where no profile says it. */
const featuresOf = (rule: object): readonly CoveredFeature[] | undefined => withFeatures.parse(rule).features;

type Compared = {
  /** The rule of the coverage. */
  readonly rule: object;
  readonly live: LiveVersion;
  readonly records: readonly RecordFacts[];
  readonly coverage: readonly CoverageFacts[];
};

/**
 * Each changed production file must be in a coverage report with a line at least: a tool that never loaded a file, or read no line of it, says
 * nothing of it. Such a file is a part of its own, so that one without a line of code can be excepted by its path. The list must begin behind the live version, as reviews must.
 */
export const changedCovered = ({ rule, live, records, coverage }: Compared): Judgement => {
  if (coverage.length === 0)
    return { verdict: 'inconclusive', reason: 'the changed files are listed, and there is no coverage report yet' };
  const [wrong] = records.flatMap((one) => notBehindLive(live, one.base ?? null) ?? []);
  if (wrong !== undefined) return { verdict: 'inconclusive', reason: `the list of changed files does not count: ${wrong}` };
  const all = [...new Set(records.flatMap(({ changed = [] }) => changed))];
  const files = counted(all.length, 'changed file');
  const features = featuresOf(rule);
  if (features === undefined)
    return { verdict: 'pass', reason: `${files} not compared with the coverage: no profile says which files are production code` };
  const isProduction = listedBy(features.flatMap(({ paths }) => paths));
  const production = all.filter((path) => isProduction(path) && !isTestFile(path));
  if (production.length === 0) return { verdict: 'pass', reason: `none of the ${files} is production code` };
  const measured = new Set<string>();
  const empty = new Set<string>();
  for (const { perFile } of coverage) {
    if (perFile === undefined)
      return {
        verdict: 'inconclusive',
        reason: `a coverage report names no single files (of ${mostFiles} at most: send a report for each package), so the ${files} cannot be found in it`,
      };
    const paths = pathsInRepository(
      features,
      perFile.map(({ path }) => path),
    );
    if (typeof paths === 'string') return { verdict: 'inconclusive', reason: paths };
    for (const [place, path] of paths.entries()) ((perFile[place]?.lines.found ?? 0) > 0 ? measured : empty).add(path);
  }
  const lost = production.filter((path) => !measured.has(path));
  const those = counted(production.length, 'changed production file');
  const [first] = lost;
  if (first === undefined) return { verdict: 'pass', reason: `${those}, each in a coverage report` };
  const judgement: Judgement = {
    verdict: 'fail',
    reason: `no coverage report has ${empty.has(first) ? 'a measured line of ' : ''}${first}${lost.length > 1 ? ` and ${counted(lost.length - 1, 'other')}` : ''} of ${those}`,
  };
  return withParts(judgement, {
    parts: lost.map((id) => ({
      subject: { kind: 'file', id },
      verdict: 'fail',
      reason: empty.has(id) ? 'changed, and no lines measured' : 'changed, and no coverage report has it',
    })),
    unnamed: production.length - lost.length,
  });
};
