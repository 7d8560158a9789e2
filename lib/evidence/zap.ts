import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { counted } from '../wording.ts';
import { type Contradiction, contradiction, problemsOf } from './account.ts';
import { hasMembers } from './content.ts';
import { failureContradictions } from './failure-signs.ts';
import { evidenceType, mostJson } from './kind.ts';
import { count } from './load-figures.ts';
import { type Parsed, spanOf, timeOfParts } from './report-time.ts';
import { countSeverities, type Finding, scanMembers, suppressedIn, toolOfScan, uniqueFindings } from './scan-facts.ts';
import { rewrittenJson, withoutMembers } from './scrubbed.ts';
import { type Severity, severityOf, worseOf } from './severity.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const tool = 'zap';

const facts = z.strictObject({
  type: z.literal('zap'),
  ...scanMembers,
  /** Requests in which an alert was raised: one alert can have many. */
  instances: count.describe('requests with an alert'),
});
export type ZapFacts = z.infer<typeof facts>;

export const zap = evidenceType({
  id: 'zap',
  description: 'Alerts of OWASP ZAP, as its traditional JSON report',
  judgedAs: 'sarif',
  tool,
  fileNames: ['zap.json', 'zap-*.json', '*-zap.json', 'report_json.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => hasMembers(json, '@version', 'site'),
  fieldWords: ({ vulnerabilities, targets, instances, tools }) => ({
    vulnerabilities,
    suppressed: suppressedIn(tools),
    sites: targets,
    instances,
  }),
  parse: (bytes) => parse(bytes),
  // With requests and responses, a report holds the cookies and tokens of the scan.
  scrub: (bytes) => rewrittenJson(bytes, (value) => withoutMembers(value, quotes)),
  sample: 'zap.json',
});

const quotes: ReadonlySet<string> = new Set([
  'request-header',
  'request-body',
  'response-header',
  'response-body',
  'evidence',
  'otherinfo',
]);
const expected = 'the traditional JSON report of OWASP ZAP (zap-baseline.py -J, or the template traditional-json)';

/** Converted from XML, as ZAP before 2.11 did it, a list of one is the one. */
const list = <T extends z.ZodType>(one: T) =>
  z.preprocess((value) => (value == null ? [] : Array.isArray(value) ? value : [value]), z.array(one));
const code = z.union([z.string(), z.number()]).nullish();
const text = z.string().nullish();
const alert = z.looseObject({
  pluginid: code,
  alertRef: code,
  alert: text,
  name: text,
  riskcode: code,
  confidence: code,
  riskdesc: text,
  count: code,
  instances: list(z.looseObject({ uri: text, method: text })),
});
type Alert = z.infer<typeof alert>;
const isGiven = (value: unknown): boolean => value != null;
/** A site without a list of alerts does not say that it has none. */
const site = z.looseObject({
  '@name': z.string().min(1),
  alerts: z.unknown().refine(isGiven, 'is missing').pipe(list(alert)),
});
type Site = z.infer<typeof site>;
const insight = z.looseObject({ level: text, key: text, description: text, statistic: code });
const report = z.looseObject({
  '@version': z.string(),
  created: z.unknown().optional(),
  site: z.preprocess((value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : value), z.array(site)),
  insights: list(insight),
});

/** Counts each alert of a site once, in however many requests it was raised. */
const parse = (bytes: Uint8Array): Parsed<ZapFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = report.safeParse(json.ok);
  if (!read.success)
    return unreadable('The JSON is not a traditional report of OWASP ZAP.', {
      got: firstIssue(read.error),
      expected,
      fix: 'Send the file that `zap-baseline.py -J zap.json` writes.',
    });
  const { site: sites, insights, created } = read.data;
  const all = sites.flatMap((one) => one.alerts.map((alerted) => ({ alerted, of: one })));
  const findings = uniqueFindings(all.filter(({ alerted }) => !isFalsePositive(alerted)).map(({ alerted, of }) => findingOf(alerted, of)));
  const names = [...new Set(sites.map((one) => one['@name']))].sort();
  const suppressed = all.filter(({ alerted }) => isFalsePositive(alerted)).length;
  const nothing = names.length === 0 ? [contradiction('the report has no site', null, 0)] : [];
  const signs = [
    ...nothing,
    ...failureContradictions(json.ok),
    ...insights.flatMap(signOf),
    ...all.flatMap(({ alerted }) => contradictionOf(alerted)),
  ];
  return {
    // `@generated` is a local time without its zone, and in the language of the machine.
    reportTime: timeOfParts([spanOf(created)]),
    account: {
      declared: { instances: all.reduce((sum, { alerted }) => sum + timesOf(alerted), 0) },
      problems: [
        ...problemsOf(signs.slice(0, 10), 'incomplete-scan'),
        ...problemsOf(all.flatMap(({ alerted }) => unlistedOf(alerted)).slice(0, 10), 'unlisted-instances'),
      ],
    },
    ok: {
      type: 'zap',
      as: 'sarif',
      tools: [toolOfScan(tool, findings, { suppressed, signs: signs.map(({ text: said }) => said) })],
      vulnerabilities: countSeverities(findings),
      scanned: excerpt(names.join(', '), 200),
      targets: names.length,
      instances: all.reduce((sum, { alerted }) => sum + alerted.instances.length, 0),
    },
  };
};

/** Somebody marked it by hand. */
const isFalsePositive = ({ confidence }: Alert): boolean => String(confidence ?? '').trim() === '0';

const findingOf = (one: Alert, { '@name': of }: Site): Finding => {
  const { pluginid, alertRef, alert: title, name } = one;
  const id = String(alertRef ?? pluginid ?? '');
  const called = name ?? title ?? '';
  return {
    key: JSON.stringify([of, id === '' ? called : id]),
    id: `${id} ${called}`.trim() || 'unnamed alert',
    severity: severityOfAlert(one),
    // Queries of a scan may hold its tokens.
    place: (one.instances[0]?.uri ?? of).replace(/[?#].*$/s, ''),
  };
};

const risks: ReadonlyMap<string, Severity> = new Map([
  ['0', 'info'],
  ['1', 'low'],
  ['2', 'medium'],
  ['3', 'high'],
]);

/** `riskdesc` says the risk again, in words and with the confidence behind it: of two that differ, the worse counts. */
const severityOfAlert = ({ riskcode, riskdesc }: Alert): Severity => {
  const byCode = risks.get(String(riskcode ?? '').trim()) ?? 'unknown';
  const word = /^\s*([a-z]+)/i.exec(riskdesc ?? '')?.[1];
  const byWord = severityOf(word);
  // The words may be in another language.
  return word === undefined || byWord === 'unknown' ? byCode : worseOf(byCode, byWord);
};

/** What ZAP noticed of the scan itself, such as requests that failed. Below medium it is no reason to doubt the scan. */
const signOf = ({ level, description, statistic, key }: z.infer<typeof insight>): Contradiction[] =>
  ['info', 'informational', 'low'].includes((level ?? '').trim().toLowerCase())
    ? []
    : [contradiction(excerpt(`${description ?? key ?? 'an insight without text'}: ${statistic ?? '?'}`, 120), null, null)];

/** Reports list only some instances of an alert that is everywhere, and never more than there are. */
const contradictionOf = (one: Alert): Contradiction[] => (timesOf(one) >= one.instances.length ? [] : [instancesOf(one)]);

/** What is not listed is said, and is no reason to doubt the scan. */
const unlistedOf = (one: Alert): Contradiction[] => (timesOf(one) > one.instances.length ? [instancesOf(one)] : []);

const timesOf = ({ count: declared, instances }: Alert): number => (declared == null ? instances.length : Number(declared));

const instancesOf = (one: Alert): Contradiction => {
  const times = timesOf(one);
  const text = excerpt(`${one.name ?? one.alert}: counted ${counted(times, 'time')}, and lists ${one.instances.length}`, 120);
  return contradiction(text, Number.isFinite(times) ? times : null, one.instances.length);
};
