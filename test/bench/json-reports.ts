import { readFileSync } from 'node:fs';
import type { EvidenceType } from '../../lib/registry/evidence.ts';

type Json = Record<string, unknown>;
/** How a report grows: the list or the object in it, and another element, made of one that is there. */
type Growth = { readonly file: string; readonly at: readonly string[]; readonly more: (one: never, n: number) => unknown };

const growth = <One>(file: string, at: string, more: (one: One, n: number) => unknown): Growth => ({
  file,
  at: at === '' ? [] : at.split('.'),
  more,
});
const same = (one: Json): Json => one;

/** The types whose reports are JSON and list things. Of an object, `more` gives name and value. */
const lists = {
  sarif: growth('eslint.found.sarif', 'runs.0.results', same),
  openapi: growth<[string, Json]>('openapi.json', 'paths', ([path, item], n) => [
    `/part${n}${path}`,
    JSON.parse(JSON.stringify(item).replaceAll(/"operationId":"(\w+)"/g, `"operationId":"$1${n}"`)),
  ]),
  cyclonedx: growth<Json>('cyclonedx.json', 'components', (one, n) => ({
    ...one,
    'bom-ref': `part-${n}`,
    name: `${one.name}-${n}`,
    purl: `pkg:npm/${one.name}-${n}@${one.version}`,
  })),
  spdx: growth<Json>('spdx.json', 'packages', ({ externalRefs: _, ...one }, n) => ({
    ...one,
    SPDXID: `SPDXRef-part-${n}`,
    name: `${one.name}-${n}`,
  })),
  gitleaks: growth<Json>('gitleaks.found.json', '', (one, n) => ({ ...one, StartLine: n + 1, Fingerprint: `${one.Fingerprint}${n}` })),
  'npm-audit': growth<[string, Json]>('npm-audit.found.json', 'vulnerabilities', ([name, one], n) => [
    `${name}-${n}`,
    JSON.parse(JSON.stringify(one).replaceAll(`"${name}"`, `"${name}-${n}"`)),
  ]),
  trivy: growth<Json>('trivy.found.json', 'Results.0.Vulnerabilities', (one, n) => ({ ...one, VulnerabilityID: `CVE-2026-${10_000 + n}` })),
  zap: growth<Json>('zap.json', 'site.0.alerts', (one, n) => ({ ...one, pluginid: String(20_000 + n), alertRef: String(20_000 + n) })),
  series: growth<Json>('series.json', 'points', (one, n) => ({ ...one, at: new Date(Date.UTC(2027, 0, 1) + n * 1000).toISOString() })),
} as const satisfies Partial<Readonly<Record<EvidenceType, Growth>>>;

export type ListType = keyof typeof lists;
export const listTypes = Object.keys(lists) as readonly ListType[];

/** A report of about so many megabytes that can be read, grown from the sample of the type. */
export const grownReport = (type: ListType, megabytes: number): Uint8Array => {
  const { file, at, more }: Growth = lists[type];
  const report = JSON.parse(readFileSync(new URL(`../samples/evidence/${file}`, import.meta.url), 'utf8')) as Json;
  const holder = at.reduce<unknown>((value, name) => (value as Json)[name], report) as unknown[] | Json;
  const first = Array.isArray(holder) ? [...holder] : Object.entries(holder);
  const wanted = megabytes * 1024 * 1024;
  for (let n = 0, size = JSON.stringify(report).length; size < wanted; n += 1) {
    const added = more(first[n % first.length] as never, n);
    if (Array.isArray(holder)) holder.push(added);
    else {
      const [name, value] = added as [string, unknown];
      holder[name] = value;
    }
    size += JSON.stringify(added).length;
  }
  return Buffer.from(JSON.stringify(report));
};
