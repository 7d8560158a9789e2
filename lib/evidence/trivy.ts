import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { counted } from '../wording.ts';
import { type Contradiction, contradiction, problemsOf } from './account.ts';
import { hasMembers } from './content.ts';
import { failureContradictions } from './failure-signs.ts';
import { evidenceType, mostJson } from './kind.ts';
import { count } from './load-figures.ts';
import { type Parsed, spanOf, timeOfParts } from './report-time.ts';
import { countSeverities, type Finding, scanMembers, severityCounts, suppressedIn, toolOfScan, uniqueFindings } from './scan-facts.ts';
import { rewrittenJson, withoutMembers } from './scrubbed.ts';
import { severityOf } from './severity.ts';
import { firstIssue, jsonOf, notVersion, unreadable } from './unreadable.ts';

const tool = 'trivy';

const facts = z.strictObject({
  type: z.literal('trivy'),
  ...scanMembers,
  misconfigurations: severityCounts.describe('misconfigurations'),
  secrets: count.describe('secrets'),
  /** Licences that Trivy lists (`--scanners license`), by the severity that it gives them; absent where it lists none. */
  licenses: severityCounts.optional().describe('licences'),
});
export type TrivyFacts = z.infer<typeof facts>;

export const trivy = evidenceType({
  id: 'trivy',
  description: 'Vulnerabilities, misconfigurations and secrets that Trivy found, as its JSON report',
  judgedAs: 'sarif',
  tool,
  fileNames: ['trivy.json', 'trivy-*.json', '*-trivy.json', '*.trivy.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => hasMembers(json, 'SchemaVersion', 'ArtifactName'),
  fieldWords: ({ vulnerabilities, misconfigurations, secrets, licenses, targets, scanned, tools }) => ({
    vulnerabilities,
    misconfigurations,
    secrets,
    ...(licenses === undefined ? {} : { licenses }),
    suppressed: suppressedIn(tools),
    scanned,
    targets,
  }),
  parse: (bytes) => parse(bytes),
  // Trivy masks the secret that it found, and not those in the lines around it.
  scrub: (bytes) => rewrittenJson(bytes, (value) => withoutMembers(value, quotes)),
  sample: 'trivy.json',
});

const quotes: ReadonlySet<string> = new Set(['Match', 'Code']);
const expected = 'the JSON report of Trivy (--format json), SchemaVersion 2';

const text = z.string().nullish();
const list = <T extends z.ZodType>(one: T) => z.array(one).nullish();
const vulnerability = z.looseObject({
  VulnerabilityID: z.string().min(1),
  PkgName: text,
  PkgID: text,
  InstalledVersion: text,
  Severity: z.unknown().optional(),
});
const misconfiguration = z.looseObject({
  ID: text,
  AVDID: text,
  Status: text,
  Severity: z.unknown().optional(),
  CauseMetadata: z.looseObject({ Resource: text, StartLine: z.int().nullish() }).nullish(),
});
const secret = z.looseObject({ RuleID: text, Severity: z.unknown().optional(), StartLine: z.int().nullish() });
const license = z.looseObject({ Severity: z.unknown().optional(), PkgName: text, FilePath: text, Name: text });
const modified = z.looseObject({ Type: text, Status: text });
const result = z.looseObject({
  Target: text,
  Class: text,
  Type: text,
  Vulnerabilities: list(vulnerability),
  Misconfigurations: list(misconfiguration),
  MisconfSummary: z.looseObject({ Failures: count.nullish() }).nullish(),
  Secrets: list(secret),
  Licenses: list(license),
  ExperimentalModifiedFindings: list(modified),
});
type Result = z.infer<typeof result>;
const report = z.looseObject({
  SchemaVersion: z.literal(2, notVersion('2; a report about a whole cluster has none')),
  ArtifactName: text,
  ArtifactType: text,
  CreatedAt: z.unknown().optional(),
  Metadata: z.looseObject({ OS: z.looseObject({ Family: text, Name: text, EOSL: z.boolean().nullish() }).nullish() }).nullish(),
  Results: list(result),
});
type Report = z.infer<typeof report>;

/** Counts each finding once, in however many targets the same package stands. */
const parse = (bytes: Uint8Array): Parsed<TrivyFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = report.safeParse(json.ok);
  if (!read.success)
    return unreadable('The JSON is not a report of Trivy.', {
      got: firstIssue(read.error),
      expected,
      fix: 'Send the file that `trivy … --format json --output trivy.json` writes.',
    });
  const { ArtifactName, ArtifactType, CreatedAt } = read.data;
  const results = read.data.Results ?? [];
  const vulnerabilities = uniqueFindings(results.flatMap(vulnerabilitiesOf));
  const misconfigurations = uniqueFindings(results.flatMap(misconfigurationsOf));
  const secrets = uniqueFindings(results.flatMap(secretsOf));
  const licenses = uniqueFindings(results.flatMap(licensesOf));
  const suppressed = results.reduce((all, one) => all + setAsideIn(one), 0);
  const nothing = results.length === 0 ? [contradiction('the report has no target', null, 0)] : [];
  const differing = results.flatMap(failuresOf).filter(({ declared, listed }) => declared !== listed);
  // A list of more than the summary counts hides nothing.
  const [hiding, listing] = [differing.filter((one) => one.declared > one.listed), differing.filter((one) => one.declared < one.listed)];
  const signs = [
    ...nothing,
    ...failureContradictions(json.ok),
    ...signsOf(read.data),
    ...results.flatMap(unknownClassOf),
    ...hiding.map(differenceOf),
  ];
  return {
    reportTime: timeOfParts([spanOf(CreatedAt)]),
    account: { problems: [...problemsOf(signs, 'incomplete-scan'), ...problemsOf(listing.map(differenceOf))] },
    ok: {
      type: 'trivy',
      as: 'sarif',
      tools: [
        toolOfScan(tool, [...secrets, ...vulnerabilities, ...misconfigurations, ...licenses], {
          suppressed,
          signs: signs.map(({ text: said }) => said),
        }),
      ],
      vulnerabilities: countSeverities(vulnerabilities),
      misconfigurations: countSeverities(misconfigurations),
      secrets: secrets.length,
      ...(licenses.length === 0 ? {} : { licenses: countSeverities(licenses) }),
      scanned: excerpt(`${ArtifactType ?? 'artifact'} ${ArtifactName ?? 'without name'}`, 200),
      targets: results.filter(({ Class, Vulnerabilities }) => isOfPackages(Class) || (Vulnerabilities?.length ?? 0) > 0).length,
    },
  };
};

const isOfPackages = (of: string | null | undefined): boolean => of === 'os-pkgs' || of === 'lang-pkgs';

const vulnerabilitiesOf = ({ Target, Vulnerabilities }: Result): Finding[] =>
  (Vulnerabilities ?? []).map(({ VulnerabilityID, PkgName, PkgID, InstalledVersion, Severity }) => ({
    key: JSON.stringify([VulnerabilityID, PkgName ?? PkgID ?? Target ?? '', InstalledVersion ?? '']),
    id: VulnerabilityID,
    severity: severityOf(Severity),
    place: `${PkgName ?? PkgID ?? 'a package without name'} ${InstalledVersion ?? ''}`.trim(),
  }));

/** With `--include-non-failures` checks that passed stand in the list, too. A status that is not known counts as a failure. */
const misconfigurationsOf = ({ Target, Misconfigurations }: Result): Finding[] =>
  (Misconfigurations ?? [])
    .filter(({ Status }) => Status !== 'PASS' && Status !== 'EXCEPTION')
    .map(({ ID, AVDID, Severity, CauseMetadata }) => {
      const [resource, line] = [CauseMetadata?.Resource ?? '', CauseMetadata?.StartLine ?? 0];
      return {
        key: JSON.stringify([ID ?? AVDID ?? '', Target ?? '', resource, line]),
        id: ID ?? AVDID ?? 'unnamed check',
        severity: severityOf(Severity),
        place: `${Target ?? 'no named file'}${line > 0 ? `:${line}` : ''}`,
      };
    });

const secretsOf = ({ Target, Secrets }: Result): Finding[] =>
  (Secrets ?? []).map(({ RuleID, Severity, StartLine }) => ({
    key: JSON.stringify([RuleID ?? '', Target ?? '', StartLine ?? 0]),
    id: `secret ${RuleID ?? ''}`.trim(),
    severity: severityOf(Severity),
    place: `${Target ?? 'no named file'}${StartLine == null ? '' : `:${StartLine}`}`,
  }));

/** Trivy counts them as findings, too (`--exit-code`): what it takes for harmless has the severity LOW. */
const licensesOf = ({ Target, Licenses }: Result): Finding[] =>
  (Licenses ?? []).map(({ Severity, PkgName, FilePath, Name }) => ({
    key: JSON.stringify(['license', Name ?? '', PkgName ?? '', FilePath || (PkgName ? '' : (Target ?? ''))]),
    id: `license ${Name ?? ''}`.trim(),
    severity: severityOf(Severity),
    place: PkgName || FilePath || (Target ?? 'no named file'),
  }));

/** Classes of results whose findings are read (pkg/types/report.go of Trivy). What stands in another one may be anything. */
const classes: ReadonlySet<string> = new Set(['os-pkgs', 'lang-pkgs', 'config', 'secret', 'license', 'license-file', 'custom']);
const unknownClassOf = ({ Target, Class }: Result): Contradiction[] =>
  Class == null || Class === '' || classes.has(Class)
    ? []
    : [contradiction(excerpt(`${Target}: results of the class ${Class} are not known`, 120), null, null)];

/** Findings that an ignore file or a VEX document sets aside (`--show-suppressed`), and exceptions of checks. */
const setAsideIn = ({ Misconfigurations, ExperimentalModifiedFindings }: Result): number =>
  (Misconfigurations ?? []).filter(({ Status }) => Status === 'EXCEPTION').length + (ExperimentalModifiedFindings ?? []).length;

/** Of an operating system that its maker no longer supports, new vulnerabilities are in no database. */
const signsOf = ({ Metadata }: Report): Contradiction[] => {
  const os = Metadata?.OS;
  return os?.EOSL === true
    ? [contradiction(excerpt(`${os.Family ?? 'the operating system'} ${os.Name ?? ''} is no longer supported`, 100), null, null)]
    : [];
};

/** The failed checks of a target, as its summary counts them and as it lists them. */
const failuresOf = ({ Target, MisconfSummary, Misconfigurations }: Result) => {
  const listed = (Misconfigurations ?? []).filter(({ Status }) => Status !== 'PASS' && Status !== 'EXCEPTION').length;
  return { target: Target, listed, declared: MisconfSummary?.Failures ?? listed };
};

const differenceOf = ({ target, declared, listed }: ReturnType<typeof failuresOf>): Contradiction => {
  const text = excerpt(`${target}: its summary says ${counted(declared, 'failure')}, and it lists ${listed}`, 120);
  return contradiction(text, declared, listed);
};
