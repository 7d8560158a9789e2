import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { doubt } from './account.ts';
import { chosenBy } from './chosen-files.ts';
import { hasMembers } from './content.ts';
import { pathWithin, uriPath } from './file-path.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type Parsed, spanOf, timeOfParts } from './report-time.ts';
import { type Found, finderOf, isCrowded, levelIn, overridesOf, worstOf, worstOverrides } from './sarif-descriptors.ts';
import { hasStrays, isElsewhere, runsOf } from './sarif-runs.ts';
import { type Invocation, type Level, type Result, type Run, sarifLog } from './sarif-schema.ts';
import { scrubbedSarif } from './sarif-scrub.ts';
import { isBlank, signsOf } from './sarif-signs.ts';
import { toolName } from './tool-names.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const count = z.int().min(0);
/** Results of one tool, over all its runs in the log. */
export const sarifTool = z.strictObject({
  /** In lower case, and one name for all aliases of a tool. */
  name: z.string(),
  /** Runs that did not end well: what such a run did not find proves nothing. */
  unfinished: count,
  /** What tells that they did not end well. */
  signs: z.array(z.string()),
  error: count,
  warning: count,
  note: count,
  none: count,
  /** Results that the tool leaves to people: kind `open` or `review`. */
  undecided: count,
  /** Results that the log itself sets aside. */
  suppressed: count,
  /** Runs in which nothing shows that a scan took place; absent where every run shows it, and in facts of older versions. */
  blank: count.optional(),
  /**
   * How many files the log says that the tool read. Only of Holdpoint's own scanner, which lists each: other tools list the files of their
   * findings, or none. Absent in facts of older versions.
   */
  files: count.optional(),
  /**
   * Of Holdpoint's own scanner: whether it read the whole repository, or only what paths and excluded files left. Absent in facts of older
   * versions, whose logs do not say.
   */
  scope: z.enum(['whole', 'part', 'unknown']).optional(),
  /** Of Holdpoint's own scanner: by which globs its files were chosen (`chosen-files.ts`); absent where it read all production files. */
  chosenBy: z.string().optional(),
  /** How many production files the globs left out; absent where the log does not say. */
  leftOut: count.optional(),
  /** The worst findings. */
  first: z.array(z.strictObject({ rule: z.string(), level: z.string(), place: z.string() })),
});
const facts = z.strictObject({ type: z.literal('sarif'), tools: z.array(sarifTool).describe('tools') });
export type SarifFacts = z.infer<typeof facts>;
export type SarifTool = z.infer<typeof sarifTool>;
/** What every tool counts. */
export type SarifCount = { [Name in keyof SarifTool]-?: SarifTool[Name] extends number ? Name : never }[keyof SarifTool];

export const sarif = evidenceType({
  id: 'sarif',
  description: 'Findings of a static analysis as SARIF 2.1.0',
  fileNames: ['*.sarif', '*.sarif.json'],
  mediaTypes: ['application/json', 'application/sarif+json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => hasMembers(json, 'version', 'runs') || (hasMembers(json, '$schema') && /sarif/i.test(String(json.$schema))),
  fieldWords: ({ tools }) => {
    const sum = (level: SarifCount): number => tools.reduce((all, one) => all + one[level], 0);
    return {
      results: { error: sum('error'), warning: sum('warning'), note: sum('note'), none: sum('none') },
      undecided: sum('undecided'),
      suppressed: sum('suppressed'),
      tools: tools.map(({ name }) => name),
    };
  },
  parse: (bytes) => parse(bytes),
  scrub: scrubbedSarif,
  sample: 'sarif.sarif',
});

const expected = 'a SARIF 2.1.0 log (OASIS, 27 March 2020)';
const mostTools = 20;

/** What a result counts as; undefined when it is not a finding. */
type Standing = Level | 'undecided' | 'suppressed' | undefined;

/** Counts results per tool and level, so that a rule can judge one tool alone. */
const parse = (bytes: Uint8Array): Parsed<SarifFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const log = sarifLog.safeParse(json.ok);
  if (!log.success)
    return unreadable('The JSON is not a SARIF log.', { got: firstIssue(log.error), expected, fix: 'Use the SARIF output of the tool.' });
  if (hasStrays(log.data))
    return unreadable('The SARIF log has findings outside of its runs that do not say of which run they are (SARIF 2.1.0, 3.15.3).', {
      got: 'inlineExternalProperties without a known runGuid',
      expected,
      fix: 'Send one log per run, or let the tool write its results into the run.',
    });
  const runs = runsOf(log.data);
  const absent = runs.find((run) => run.results == null || isElsewhere(run, log.data));
  if (absent !== undefined)
    return unreadable(
      'A run of the SARIF log has no results: the tool did not scan, or wrote them to another file (SARIF 2.1.0, 3.14.23).',
      {
        got: `${absent.tool.driver.name} without results`,
        expected: 'a results array, empty when nothing was found',
        fix: 'Let the tool run to its end and write one file.',
      },
    );
  if (runs.some(({ tool }) => isCrowded(tool)))
    return unreadable('The SARIF log uses one id for many rules.', {
      got: 'an id of more than 50 rules or notifications',
      expected: 'an id for each',
      fix: 'Send one log per tool.',
    });
  const nameOf = ({ tool: { driver } }: Run): string => toolName(driver.name);
  const names = [...new Set(runs.map(nameOf))].sort();
  if (names.length > mostTools)
    return unreadable('The SARIF log has too many tools.', {
      got: `${names.length} tools`,
      expected: `${mostTools} tools at most`,
      fix: 'Send one log per tool.',
    });
  const tools = names.map((name) =>
    toolOf(
      name,
      runs.filter((run) => nameOf(run) === name),
    ),
  );
  return {
    reportTime: timeOfParts(runs.flatMap(({ invocations }) => (invocations ?? []).map(endOf))),
    account: {
      problems: tools.flatMap(({ name, signs }) => signs.map((sign) => doubt('unfinished', `${name} did not end well: ${sign}`))),
    },
    ok: { type: 'sarif', tools },
  };
};

/** The names of the properties say that they are UTC (SARIF 2.1.0, 3.20.7 and 3.20.8). */
const endOf = ({ startTimeUtc, endTimeUtc }: Invocation) => spanOf(endTimeUtc ?? startTimeUtc, { zone: 'utc' });

const worst = ['error', 'warning', 'note', 'none', 'undecided'];

const toolOf = (name: string, runs: readonly Run[]): SarifTool => {
  const found = runs.flatMap((run) => {
    const [levels, folders] = [levelsOf(run), foldersOf(run)];
    return (run.results ?? []).map((one) => ({ one, folders, standing: standingOf(one, levels) }));
  });
  const signs = runs.map(signsOf);
  const blank = runs.filter(isBlank).length;
  const countOf = (wanted: Standing): number => found.filter(({ standing }) => standing === wanted).length;
  return {
    name: excerpt(name, 100),
    unfinished: signs.filter(({ length }) => length > 0).length,
    signs: [...new Set(signs.flat())].sort().slice(0, 10),
    error: countOf('error'),
    warning: countOf('warning'),
    note: countOf('note'),
    none: countOf('none'),
    undecided: countOf('undecided'),
    suppressed: countOf('suppressed'),
    ...(blank > 0 ? { blank } : {}),
    ...(/^holdpoint-scan-/.test(name)
      ? { files: runs.reduce((sum, { artifacts }) => sum + (artifacts?.length ?? 0), 0), scope: scopeOf(runs), ...choiceOf(runs) }
      : {}),
    first: found
      .flatMap(({ one, folders, standing }) => (standing === undefined || standing === 'suppressed' ? [] : [{ one, folders, standing }]))
      .sort((a, b) => worst.indexOf(a.standing) - worst.indexOf(b.standing))
      .slice(0, 20)
      .map(({ one, folders, standing }) => ({
        rule: excerpt(one.ruleId ?? one.rule?.id ?? 'unnamed', 100),
        level: standing,
        place: excerpt(placeOf(one, folders), 200),
      })),
  };
};

/** The narrowest of the runs: each proves only what it read. */
const scopeOf = (runs: readonly Run[]): 'whole' | 'part' | 'unknown' => {
  const scopes = runs.map(({ properties }) => properties?.scope);
  if (scopes.every((one) => one === 'whole')) return 'whole';
  return scopes.includes('part') ? 'part' : 'unknown';
};

/** Runs whose files were chosen in different ways have no common name: no profile chooses so. */
const choiceOf = (runs: readonly Run[]): Pick<SarifTool, 'chosenBy' | 'leftOut'> => {
  const choices = runs.flatMap(({ properties }) => (properties?.paths === undefined ? [] : [properties.paths]));
  if (choices.length === 0) return {};
  const named = new Set(choices.map((paths) => (isListOfTexts(paths) ? chosenBy(paths) : 'unknown')));
  const left = runs.map(({ properties }) => count.safeParse(properties?.inNoFeature).data);
  return {
    chosenBy: named.size === 1 && choices.length === runs.length ? [...named].join() : 'several',
    ...(left.every((one) => one !== undefined) ? { leftOut: Math.max(...left) } : {}),
  };
};
const isListOfTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');

/** The folders that a run calls its roots: paths in it are relative to them, or absolute. */
const foldersOf = ({ originalUriBaseIds, invocations }: Run): string[] =>
  [...Object.values(originalUriBaseIds ?? {}), ...(invocations ?? []).map(({ workingDirectory }) => workingDirectory)]
    .map((root) => uriPath(root?.uri ?? ''))
    .filter((path) => /^(\/|[a-z]:)/.test(path));

const placeOf = ({ locations }: Result, folders: readonly string[]): string =>
  pathWithin(uriPath(locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? ''), folders);

/** A result is suppressed when it has suppressions and all of them are accepted; without a status they are (SARIF 2.1.0, 3.27.23, 3.35.3). */
const isSuppressed = ({ suppressions }: Result): boolean => {
  const all = suppressions ?? [];
  return all.length > 0 && all.every(({ kind, status }) => isKnownKind(kind) && (status === undefined || status === 'accepted'));
};

const isKnownKind = (kind: string | null | undefined): boolean => kind === 'inSource' || kind === 'external';

/**
 * Only results of kind `fail` have a level (SARIF 2.1.0, 3.27.9 and 3.27.10). A result of another kind that has one all the same is a
 * finding, and so is a result of an unknown kind. A result that is absent from this scan and stood in the baseline is gone (3.27.24).
 */
const standingOf = (one: Result, levels: (one: Result) => Level): Standing => {
  const kind = one.kind ?? 'fail';
  const leveled = one.level != null && one.level !== 'none';
  const isFinding = leveled || !['pass', 'notApplicable', 'informational'].includes(kind);
  if (!isFinding || one.baselineState === 'absent') return undefined;
  if (isSuppressed(one)) return 'suppressed';
  if (!leveled && (kind === 'open' || kind === 'review')) return 'undecided';
  return levels(one);
};

/**
 * The level of a result: its own, else the one that its invocation or its rule configures. GitHub's `security-severity` raises it.
 * A result that points at a rule which the log does not have, and has no level, is an error: its level is unknown.
 */
const levelsOf = ({ tool, invocations }: Run): ((one: Result) => Level) => {
  const find = finderOf(tool, 'rules');
  const overrides = (invocations ?? []).map((one) => overridesOf(one.ruleConfigurationOverrides, find));
  const any = worstOverrides(overrides);
  return (one) => {
    const ids = [...new Set([one.ruleId, one.rule?.id].filter((id) => id != null))];
    const found: Found = find({ ids, indexes: [one.ruleIndex, one.rule?.index].filter((index) => index != null), at: one.rule });
    const severities = [one, ...found.descriptors].flatMap(({ properties }) => severityOf(properties?.['security-severity']) ?? []);
    const given = one.level ?? levelIn(overrides[one.provenance?.invocationIndex ?? -1] ?? any, found, ids);
    return worstOf([given, ...severities]) ?? given;
  };
};

/** GitHub's code scanning: from 7.0 high, from 4.0 medium. Some tools write the word; a word that is in no list counts as high. */
const severityOf = (score: unknown): Level | undefined => {
  const word = typeof score === 'string' || typeof score === 'number' ? String(score).trim().toLowerCase() : '';
  if (harmless.has(word)) return undefined;
  if (moderate.has(word)) return 'warning';
  const value = Number(word);
  if (Number.isNaN(value) || value >= 7) return 'error';
  return value >= 4 ? 'warning' : undefined;
};
const harmless: ReadonlySet<string> = new Set(['', 'none', 'info', 'informational', 'note', 'negligible', 'low', 'minor', 'n/a']);
const moderate: ReadonlySet<string> = new Set(['medium', 'moderate', 'warning']);
