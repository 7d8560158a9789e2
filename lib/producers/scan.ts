import { languageOf } from './languages.ts';
import { type ScanRule, scanTools } from './scan-rules.ts';
import { piecesOf } from './source-text.ts';

/** `allowed`: a comment on the line, or on the one before, gives the reason. */
export type Finding = {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly found: string;
  readonly allowed?: string;
};
export type Scanned = { readonly path: string; readonly source: string };

/** `holdpoint-allow RULE: REASON`: the finding is written as suppressed, with the reason. How many are accepted says the check. */
const allowance = /\bholdpoint-allow\s+([a-z-]+)\s*:\s*([^\n]{10,200})/g;

/** What the rules find in a file; undefined when its language is not known. */
export const findingsIn = ({ path, source }: Scanned, rules: readonly ScanRule[]): Finding[] | undefined => {
  const language = languageOf(path, source);
  if (language === undefined) return undefined;
  const pieces = piecesOf(source.replaceAll('\r\n', '\n'), language);
  const allowed = new Map<string, string>();
  for (const { kind, line, text } of pieces) {
    if (kind !== 'comment') continue;
    const last = line + text.trimEnd().split('\n').length - 1;
    for (const [, rule = '', reason = ''] of text.matchAll(allowance)) {
      allowed.set(`${rule} ${last}`, reason.trim());
      allowed.set(`${rule} ${last + 1}`, reason.trim());
    }
  }
  const found = pieces.flatMap(({ kind, line, text }) =>
    text.split('\n').flatMap((one, place) =>
      rules
        .filter(({ looksAt }) => looksAt === kind)
        .flatMap(({ id, patterns }): Finding[] => {
          const [first] =
            kind === 'comment' && /\bholdpoint-allow\b/.test(one) ? [] : patterns.flatMap((pattern) => pattern.exec(one) ?? []);
          if (first === undefined) return [];
          const at = line + place;
          const reason = allowed.get(`${id} ${at}`);
          return [{ rule: id, path, line: at, found: first.trim().slice(0, 80), ...(reason === undefined ? {} : { allowed: reason }) }];
        }),
    ),
  );
  // A line is named once for each rule.
  return [...new Map(found.map((one) => [`${one.rule} ${one.line}`, one])).values()];
};

type About = {
  readonly version: string;
  readonly endedAt: string;
  /** `part`: a subfolder, paths, excluded files or files that are not there left some of the repository out. */
  readonly scope: 'whole' | 'part';
  /** The globs by which the files were chosen; undefined where all production files were read. */
  readonly paths: readonly string[] | undefined;
  /** How many files in a known language the globs left out. */
  readonly inNoFeature: number;
};

/** The SARIF 2.1.0 log of a scan: one run for each list of rules, so that a check can ask for one of them. */
export const sarifOf = (files: readonly Scanned[], { version, endedAt, scope, paths, inNoFeature }: About) => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: scanTools.map(({ tool, rules }) => ({
    tool: {
      driver: {
        name: tool,
        version,
        rules: rules.map(({ id, description }) => ({
          id,
          shortDescription: { text: description },
          defaultConfiguration: { level: 'error' },
        })),
      },
    },
    properties: { scope, ...(paths === undefined ? {} : { paths, inNoFeature }) },
    invocations: [{ executionSuccessful: true, endTimeUtc: endedAt }],
    artifacts: files
      .filter(({ path, source }) => languageOf(path, source) !== undefined)
      .map(({ path }) => ({ location: { uri: encodeURI(path) } })),
    results: files.flatMap((file) => findingsIn(file, rules) ?? []).map(resultOf),
  })),
});

const resultOf = ({ rule, path, line, found, allowed }: Finding) => ({
  ruleId: rule,
  level: 'error',
  message: { text: found },
  locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(path) }, region: { startLine: line } } }],
  ...(allowed === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: allowed }] }),
});
