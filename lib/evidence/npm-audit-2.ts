import * as z from 'zod';
import { counted } from '../wording.ts';
import { type Contradiction, contradiction } from './account.ts';
import { count } from './load-figures.ts';
import { type ReadAudit, summarised, summary } from './npm-audit-summary.ts';
import { countSeverities, differing, type Finding, uniqueFindings } from './scan-facts.ts';
import { type Severity, type SeverityCounts, severities, severityOf } from './severity.ts';
import { notVersion } from './unreadable.ts';

const advisory = z.looseObject({
  source: z.union([z.string(), z.number()]).nullish(),
  name: z.string().nullish(),
  dependency: z.string().nullish(),
  title: z.string().nullish(),
  url: z.string().nullish(),
  severity: z.unknown().optional(),
  range: z.string().nullish(),
});
type Advisory = z.infer<typeof advisory>;
const entry = z.looseObject({ severity: z.unknown().optional(), via: z.array(z.union([z.string(), advisory])) });
type Entry = z.infer<typeof entry>;
/** `vulnerabilities` is read apart: a record of zod leaves out a package that is named `__proto__`. */
const report = z.looseObject({
  auditReportVersion: z.literal(2, notVersion('2')),
  vulnerabilities: z.custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object',
  ),
  metadata: z.looseObject({ vulnerabilities: summary.optional(), dependencies: z.looseObject({ total: count }).optional() }).optional(),
});

/**
 * Reads a report of npm 7 and later. Its list names every package that is affected, also those that only depend on one with an advisory,
 * and its summary counts these packages. A finding is an advisory about one package.
 */
export const factsOfVersion2 = (value: unknown): ReadAudit => {
  const read = report.safeParse(value);
  if (read.error) return { error: read.error };
  const { metadata, vulnerabilities } = read.data;
  const entries = z.array(z.tuple([z.string(), entry])).safeParse(Object.entries(vulnerabilities));
  if (entries.error) return { error: entries.error };
  const packages = new Map(entries.data);
  const findings = uniqueFindings([...advisoriesOf(packages), ...withoutAdvisory(packages)]);
  const declared = summarised(metadata?.vulnerabilities);
  const listed = countSeverities([...packages.values()].map(({ severity }) => ({ severity: severityOf(severity) })));
  return {
    ok: {
      reportVersion: 2,
      findings,
      suppressed: 0,
      dependencies: metadata?.dependencies?.total ?? null,
      declared,
      listed,
      contradictions: declared === null ? [] : contradictionsOf(declared, listed, metadata?.vulnerabilities?.total ?? packages.size),
    },
  };
};

const advisoriesOf = (packages: ReadonlyMap<string, Entry>): Finding[] =>
  [...packages].flatMap(([name, { via }]) => via.flatMap((one) => (typeof one === 'string' ? [] : [findingOf(name, one)])));

/** An advisory has an entry for each range of versions, which stands for the versions that are installed: the report does not name them. */
const findingOf = (listedAs: string, { source, name, url, title, range, severity }: Advisory): Finding => {
  const about = name ?? listedAs;
  return {
    key: JSON.stringify([about, url ?? source ?? title ?? '', range ?? '']),
    id: (url ?? '').split('/').at(-1) || String(source ?? title ?? 'unnamed advisory'),
    severity: severityOf(severity),
    place: `${about} ${range ?? ''}`.trim(),
  };
};

/** A package whose severity no advisory explains that it can be followed to: it counts by itself, because something was found. */
const withoutAdvisory = (packages: ReadonlyMap<string, Entry>): Finding[] => {
  const worst = worstReached(packages);
  return [...packages].flatMap(([name, { severity }]) => {
    const own = severityOf(severity);
    const reached = worst.get(name);
    const explained = reached !== undefined && severities.indexOf(reached) <= severities.indexOf(own);
    return explained ? [] : [{ key: JSON.stringify([name]), id: 'without advisory', severity: own, place: name }];
  });
};

/** The worst severity of the advisories that each package has, itself or through packages that it depends on. The worst are spread first. */
const worstReached = (packages: ReadonlyMap<string, Entry>): ReadonlyMap<string, Severity> => {
  const dependents = new Map<string, string[]>();
  for (const [name, { via }] of packages)
    for (const one of via) {
      const known = typeof one === 'string' ? dependents.get(one) : undefined;
      if (known !== undefined) known.push(name);
      else if (typeof one === 'string') dependents.set(one, [name]);
    }
  const reached = new Map<string, Severity>();
  for (const severity of severities) {
    const left = [...packages].flatMap(([name, { via }]) =>
      via.some((one) => typeof one !== 'string' && severityOf(one.severity) === severity) ? [name] : [],
    );
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (reached.has(name)) continue;
      reached.set(name, severity);
      for (const one of dependents.get(name) ?? []) left.push(one);
    }
  }
  return reached;
};

const contradictionsOf = (declared: SeverityCounts, listed: SeverityCounts, total: number): Contradiction[] => {
  const all = severities.reduce((sum, one) => sum + listed[one], 0);
  return [
    ...differing(declared, listed, 'packages'),
    ...(total === all ? [] : [contradiction(`the summary says ${counted(total, 'package')} in all, and the list has ${all}`, total, all)]),
  ].slice(0, 5);
};
