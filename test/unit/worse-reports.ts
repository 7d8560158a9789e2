import type { RecordId } from '../../lib/evidence/record.ts';
import type { EvidenceType } from '../../lib/registry/evidence.ts';

type Json = Record<string, unknown>;
/** Adds a case that fails, at a place; `n` makes it another one each time. */
type Worsen<Report> = (report: Report, place: number, n: number) => Report;

/** The report with a list in it changed, which stands at a path such as `runs.*.results`: `*` is the place. */
const inList = (report: Json, path: string, place: number, change: (list: unknown[]) => unknown[]): Json => {
  const copy = structuredClone(report);
  const names = path.split('.');
  const last = names.pop() ?? '';
  let at: Json = copy;
  for (const name of names) {
    const next = name === '*' ? (at as unknown as Json[])[place % Math.max(1, (at as unknown as Json[]).length)] : at[name];
    // A list that was thinned out before has nothing to which the case could be added: the report stays as it is.
    if (next === undefined) return report;
    at = next as Json;
  }
  at[last] = change(Array.isArray(at[last]) ? (at[last] as unknown[]) : []);
  return copy;
};

const listed =
  (path: string, one: (n: number, report: Json) => unknown): Worsen<Json> =>
  (report, place, n) =>
    inList(report, path, place, (list) => list.toSpliced(place % (list.length + 1), 0, one(n, report)));

/** From a point on, nothing succeeds. */
const failingFrom =
  (list: string, isFailed: (series: Json) => boolean, worst: (old: unknown) => unknown, values: string): Worsen<Json> =>
  (report, place) => {
    const copy = structuredClone(report);
    const series = list.split('.').reduce<unknown>((at, name) => (at as Json | undefined)?.[name], copy) as Json[] | undefined;
    const found = series?.find(isFailed);
    if (!Array.isArray(found?.[values])) return report;
    found[values] = found[values].map((old, n, all) => (n >= place % all.length ? worst(old) : old));
    return copy;
  };

const later = (at: unknown, seconds: number): string => new Date(Date.parse(String(at)) + seconds * 1000).toISOString();
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const numberOf = (value: unknown): number => Number(value ?? 0);

/** Of each kind of record. */
export const worseRecords: Readonly<Record<RecordId, Worsen<Json>>> = {
  document: listed('brokenLinks', (n) => ({ line: n + 1, link: `missing-${n}.md` })),
  backup: listed('restore.parts', (n) => ({ name: `part-${n}`, rowsInBackup: 1200, rowsRestored: 1199 })),
  'data-check': listed('comparisons', (n) => ({
    subject: `table-${n}`,
    left: { name: 'before the deployment', rows: 9 },
    right: { name: 'after the deployment', rows: 8 },
  })),
  baseline: (report) => ({ ...report, p95Ms: 0 }),
  drill: listed('steps', (n, { at }) => ({ step: `worse-${n}`, startedAt: at, endedAt: at, proved: false })),
  migration: listed('scripts', (n, { at }) => ({ name: `${100 + n}-worse`, up: { at, ended: 'failed' } })),
  ports: listed('open', (n) => ({ host: 'shop.example.com', port: 9100 + n })),
  resources: listed('resources', (n) => ({ type: 'AWS::S3::Bucket', name: `worse-${n}`, state: 'creating', drift: 'drifted' })),
  'registry-pull': listed('artifacts', (n) => ({ name: `worse-${n}`, expected: digest('a'), got: digest('b') })),
  'read-back': listed('components', (n) => ({ name: `worse-${n}`, released: digest('a'), running: digest('b') })),
  routes: listed('served', (n) => ({ method: 'GET', path: `/not-documented-${n}` })),
  pipeline: listed('jobs', (n) => ({ name: `worse-${n}`, conclusion: 'failure' })),
  reviews: listed('commits', (n) => ({ sha: (n + 1).toString(16).padStart(40, 'c'), author: 'u-101', reviews: [] })),
  changes: listed('files', (n) => ({ path: `/worse-${n}`, change: 'renamed' })),
  delivery: listed('deliveries', (n, { at }) => ({ from: 'an alarm', id: `worse-${n}`, to: 'nobody', sentAt: at, receivedAt: null })),
  'alarm-test': listed('tested', (n, { at }) => ({ name: `worse-${n}`, setOffAt: at, wentOffAt: null, cameBackAt: null })),
  heartbeat: listed('tools', (n) => ({ name: `worse-${n}`, lastReceivedAt: null })),
  query: listed('queries', (n) => ({ name: `worse-${n}`, query: 'x', expected: 3, rows: 2 })),
  dashboard: listed('panels', (n) => ({ name: `worse-${n}`, shown: null, queried: 1, query: 'x' })),
  comparison: listed('figures', (n) => ({
    name: `worse-${n}`,
    unit: 'rows',
    staging: { value: 1, query: 'x' },
    production: { value: 1000, query: 'x' },
  })),
  usage: listed('resources', (n) => ({ name: `worse-${n}`, unit: 'MB', highest: 512, limit: 512, points: 120 })),
  scaling: (report, place) =>
    inList(report, 'samples', place, (list) => list.map((one, n) => (n === list.length - 1 ? { ...(one as Json), instances: 99 } : one))),
  schedule: listed('roles', (n) => `nobody-${n}`),
  issues: listed('found', (n) => ({ id: `#9${n}`, severity: 'critical', state: 'open' })),
  feedback: listed('answers', (_, { at }) => ({ at, score: 99 })),
};

/** Of each type whose reports are JSON. */
export const worseJson = {
  sarif: listed('runs.*.results', (n) => ({ ruleId: `worse-${n}`, level: 'error', message: { text: 'worse' } })),
  openapi: (report, _, n) => ({
    ...report,
    paths: { ...(report.paths as Json), [`/worse-${n}`]: { get: { responses: { 200: { description: 'x' } } } } },
  }),
  cyclonedx: listed('components', (n) => ({ type: 'library', name: `worse-${n}` })),
  spdx: listed('packages', (n) => ({ SPDXID: `SPDXRef-worse-${n}`, name: `worse-${n}`, downloadLocation: 'NOASSERTION' })),
  load: (report) => ({ ...report, errors: numberOf(report.errors) + 10_000 }),
  autocannon: (report) => ({ ...report, timeouts: numberOf(report.timeouts) + 10_000, errors: numberOf(report.errors) + 10_000 }),
  k6: (report) => {
    const copy = structuredClone(report) as { metrics: Record<string, { values: Record<string, number> }> };
    const [all, failed] = [copy.metrics.http_reqs?.values, copy.metrics.http_req_failed?.values];
    if (all === undefined || failed === undefined) return report;
    const more = 10_000;
    all.count = numberOf(all.count) + more;
    failed.passes = numberOf(failed.passes) + more;
    failed.rate = failed.passes / all.count;
    return copy;
  },
  artillery: (report) => {
    const copy = structuredClone(report) as { aggregate?: { counters?: Record<string, number> } };
    const counters = copy.aggregate?.counters;
    if (counters === undefined) return report;
    counters['errors.ETIMEDOUT'] = numberOf(counters['errors.ETIMEDOUT']) + 1000;
    counters['vusers.failed'] = numberOf(counters['vusers.failed']) + 1000;
    return copy;
  },
  'npm-audit': (report, _, n) => {
    const severity = 'critical';
    const via = {
      source: n,
      name: `worse-${n}`,
      dependency: `worse-${n}`,
      title: 'worse',
      url: `https://example.com/${n}`,
      severity,
      range: '*',
    };
    const one = { name: via.name, severity, isDirect: true, via: [via], effects: [], range: '*', nodes: [`node_modules/${via.name}`] };
    return { ...report, vulnerabilities: { ...(report.vulnerabilities as Json), [via.name]: { ...one, fixAvailable: false } } };
  },
  trivy: listed('Results.*.Vulnerabilities', (n) => ({
    VulnerabilityID: `CVE-2026-${1000 + n}`,
    PkgName: `worse-${n}`,
    InstalledVersion: '1.0.0',
    Severity: 'CRITICAL',
  })),
  zap: listed('site.*.alerts', (n) => ({
    pluginid: String(90_000 + n),
    alertRef: String(90_000 + n),
    alert: 'worse',
    name: 'worse',
    riskcode: '3',
    confidence: '3',
    riskdesc: 'High (High)',
    instances: [{ id: '1', uri: 'http://shop.staging.example.com/', method: 'GET', param: '', attack: '', evidence: '' }],
    count: '1',
  })),
  series: (report) =>
    inList(report, 'points', 0, (list) => [
      ...list,
      { at: later((list.at(-1) as Json | undefined)?.at ?? '2026-03-02T10:00:00Z', 5), ok: false, latencyMs: 5 },
    ]),
  prometheus: failingFrom(
    'data.result',
    ({ metric }) => (metric as Json).holdpoint_figure === 'failed_requests',
    // A point from which something was taken out is not mended.
    (old) => ((old as unknown[]).length === 2 ? [(old as unknown[])[0], '300'] : old),
    'values',
  ),
  cloudwatch: failingFrom(
    'MetricDataResults',
    ({ Id }) => Id === 'failed_requests',
    () => 300,
    'Values',
  ),
  attestation: (report) => ({ ...report, role: 'quality-lead' }),
  probes: listed('probes', (n) => ({
    id: `worse-${n}`,
    method: 'GET',
    path: '/worse',
    critical: true,
    mode: 'in-a-row',
    needed: 1,
    skipped: null,
    tries: [{ ms: 1, status: 500, ok: false, why: 'status 500' }],
  })),
  // One check asks which alarms are red now, another which of those that went off were heard of.
  'alarm-state': (report, place, n) =>
    inList(
      listed('alarms', () => ({ name: `worse-${n}`, state: 'ALARM', stateSince: report.at, actionsEnabled: false, actions: 0 }))(
        report,
        place,
        n,
      ),
      'history.wentOff',
      place,
      (list) => [...list, { alarm: `worse-${n}`, at: report.at, heard: false }],
    ),
  'metric-series': (report, place) =>
    inList(report, 'points', 0, (list) => list.map((one, n) => (n === place % list.length ? [(one as unknown[])[0], 100] : one))),
  'restart-history': listed('sources.*.restarts', (n, { at }) => ({ subject: `worse ${n}`, at, heard: false })),
} satisfies Readonly<Partial<Record<EvidenceType, Worsen<Json>>>>;

const inserted =
  (behind: RegExp, text: (n: number) => string): Worsen<string> =>
  (report, place, n) => {
    const ends = [...report.matchAll(behind)].map(({ index, 0: { length } }) => index + length);
    const at = ends[place % Math.max(1, ends.length)] ?? report.length;
    return `${report.slice(0, at)}${text(n)}${report.slice(at)}`;
  };
const hundred = (line: (number: number) => string, between = ''): string =>
  Array.from({ length: 100 }, (_, n) => line(n + 1)).join(between);

/** Of each type whose reports are text, and of gitleaks, whose report is a list. */
export const worseText = {
  junit: inserted(/<testsuite [^>]*>/g, (n) => `<testcase classname="worse" name="worse ${n}"><failure message="worse"/></testcase>`),
  tap: (report) => report.replace(/^1\.\.(\d+)/m, (_, last: string) => `1..${Number(last) + 1}\nnot ok ${Number(last) + 1} - worse`),
  lcov: inserted(/end_of_record\n|^/g, (n) => `SF:src/worse-${n}.ts\n${hundred((line) => `DA:${line},0`, '\n')}\nend_of_record\n`),
  cobertura: inserted(
    /<classes>/g,
    (n) =>
      `<class name="worse" filename="worse_${n}.py" line-rate="0"><methods/><lines>${hundred((line) => `<line number="${line}" hits="0"/>`)}</lines></class>`,
  ),
  jacoco: inserted(
    /<package [^>]*>/g,
    (n) => `<sourcefile name="Worse${n}.java">${hundred((line) => `<line nr="${line}" mi="3" ci="0" mb="0" cb="0"/>`)}</sourcefile>`,
  ),
  'log-sample': inserted(/\n/g, (n) => `reset the password of ada${n}@example.com\n`),
  gitleaks: (report, place, n) =>
    JSON.stringify(
      (JSON.parse(report) as unknown[]).toSpliced(place % 5, 0, {
        RuleID: 'worse',
        Description: 'worse',
        StartLine: n + 1,
        EndLine: n + 1,
        StartColumn: 1,
        EndColumn: 2,
        Match: 'REDACTED',
        Secret: 'REDACTED',
        File: 'src/worse.ts',
        Commit: '',
        Fingerprint: `src/worse.ts:worse:${n + 1}`,
      }),
    ),
} satisfies Readonly<Partial<Record<EvidenceType, Worsen<string>>>>;
