import * as z from 'zod';
import { longestPath, type Protection, protections } from '../evidence/probe-sets.ts';
import type { ProbeFacts, ProbesFacts } from '../evidence/probes.ts';
import { nameSchema } from '../fields.ts';
import type { JudgedPart, Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { chosen, listed } from './parameter-words.ts';
import { withParts } from './parts.ts';
import { endpointsSeen, type Listed, withNames } from './shown-by-name.ts';

export type { Protection };

/** reading: requests of GET and HEAD. A protection: the probes that show it. */
type Chosen = 'all' | 'critical' | 'reading' | Protection | readonly string[];

const shown: Readonly<Record<Protection, string>> = {
  'foreign-origin': 'the preflight of a foreign origin',
  unauthenticated: 'a request without credentials',
  'rate-limit': 'more requests than are allowed',
};
const chosenWords: Readonly<Record<string, string>> = {
  ...shown,
  all: 'all',
  critical: 'the critical ones',
  reading: 'those that only read',
};
const isProtection = (which: Chosen): which is Protection => protections.some((one) => one === which);

const chosenOf = (which: Chosen, { probes }: ProbesFacts): readonly ProbeFacts[] => {
  if (which === 'all') return probes;
  if (which === 'reading') return probes.filter(({ method }) => method === 'GET' || method === 'HEAD');
  if (isProtection(which)) return probes.filter(({ shows }) => shows === which);
  return which === 'critical' ? probes.filter(({ critical }) => critical) : probes.filter(({ id }) => which.includes(id));
};

export const probesPass = evidenceRule({
  kind: 'probes-pass/1',
  description: "Holdpoint's own requests to the service are answered as the stage file expects, so many times in a row as each probe asks.",
  evidence: 'probes',
  parameters: {
    /** The configured probes, the operations of the OpenAPI document, or the probes in staging that show how the service is protected. */
    set: z.enum(['probes', 'operations', 'protections']),
    probes: z.union([z.enum(['all', 'critical', 'reading', ...protections]), z.array(nameSchema).min(1)]),
    /** Each of these must be asked, as far as the chosen ones are about it: of those that only read only GET and HEAD. */
    endpoints: z.array(z.string().min(1)).min(1).optional(),
  },
  words: {
    set: chosen('what is asked', {
      probes: 'the probes',
      operations: 'the operations of the OpenAPI document',
      protections: 'the probes in staging that show how the service is protected',
    }),
    probes: {
      name: 'which of them',
      says: (which: string) => chosenWords[which] ?? which,
      none: 'all',
    },
    endpoints: listed('endpoints that must be asked', 'none named'),
  },
  bounds: {},
  service: {
    takes: ({ set }) => (set === 'operations' ? ['endpoints'] : []),
    fitted: (rule, { endpoints }) => (rule.set === 'operations' && endpoints !== undefined ? { ...rule, endpoints: [...endpoints] } : rule),
  },
  wants: ({ set, probes: which }) =>
    isProtection(which) ? `a probe of Holdpoint itself in staging: ${shown[which]}` : `a look of Holdpoint itself at the ${set}`,
  // A look at some probes says nothing about all of them.
  appliesTo: ({ set, probes: which }, facts: ProbesFacts) =>
    facts.set === set &&
    // Without such a probe a look says nothing about it.
    (!isProtection(which) || chosenOf(which, facts).length > 0) &&
    (!facts.partial || (typeof which !== 'string' && which.every((id) => facts.probes.some((probe) => probe.id === id)))),
  // What the check does not ask for may never pass: an operation that changes something is not called.
  covers: (later: readonly ProbesFacts[], earlier: ProbesFacts, { probes: which }) =>
    chosenOf(which, earlier)
      .filter(({ outcome }) => outcome !== 'passed')
      .every(({ id }) =>
        later.some(({ set, probes }) => set === earlier.set && probes.some((one) => one.id === id && one.outcome === 'passed')),
      ),
  judge: ({ probes: which, endpoints = [] }, facts: ProbesFacts): Judgement => {
    const names = endpoints.filter((name) => which !== 'reading' || /^(?:GET|HEAD) /i.test(name));
    const judged = judgeProbes(which, facts);
    return names.length === 0 ? judged : withNames(judged, askedEndpoints(names, chosenOf(which, facts)));
  },
});

const askedEndpoints = (names: readonly string[], probes: readonly ProbeFacts[]): Listed => {
  const seen = endpointsSeen(
    names,
    probes.map(({ method, path }) => `${method} ${path}`),
  );
  return { kind: 'endpoint', names, isShown: (name) => seen.has(name), where: 'among those that were asked' };
};

const judgeProbes = (which: Chosen, facts: ProbesFacts): Judgement => {
  const chosen = chosenOf(which, facts);
  const figures = `${counted(chosen.length, 'probe')}, ${chosen.filter(({ outcome }) => outcome === 'passed').length} passed`;
  const failed = chosen.find(({ outcome }) => outcome === 'failed');
  const absent = typeof which === 'string' ? undefined : which.find((id) => !chosen.some((probe) => probe.id === id));
  const missing: Judgement | undefined =
    absent === undefined ? undefined : { verdict: 'inconclusive', reason: `${figures}; there is no probe ${absent}` };
  const parts = { parts: chosen.map((probe) => partOf(probe, chosen)), besides: missing };
  if (failed !== undefined) return withParts({ verdict: 'fail', reason: `${figures}; ${said(failed)}` }, parts);
  if (missing !== undefined) return withParts(missing, parts);
  if (chosen.length === 0) return { verdict: 'inconclusive', reason: 'no probe is configured that this check asks for' };
  const open = chosen.find(({ outcome }) => outcome !== 'passed');
  return withParts(
    open === undefined ? { verdict: 'pass', reason: figures } : { verdict: 'inconclusive', reason: `${figures}; ${said(open)}` },
    parts,
  );
};

/** An endpoint that several probes ask is a part for each of them: who accepts that it answers slowly does not accept that it lets everybody in. */
const partOf = (probe: ProbeFacts, all: readonly ProbeFacts[]): JudgedPart => {
  const { id, method, path, outcome } = probe;
  const isShared = all.some((one) => one !== probe && one.method === method && one.path === path);
  // A path of the greatest length may have been cut, and then stands for several.
  const name = path.length < longestPath ? `${method} ${path}${isShared ? ` (${id})` : ''}` : '';
  return {
    subject: { kind: 'endpoint', id: name },
    verdict: outcome === 'passed' ? 'pass' : outcome === 'failed' ? 'fail' : 'inconclusive',
    reason: outcome === 'passed' ? 'answered as expected' : said(probe),
  };
};

/** The name of an operation is its method and path already. */
const routeOf = ({ id, method, path }: Pick<ProbeFacts, 'id' | 'method' | 'path'>): string =>
  path === '' || id === `${method} ${path}` ? id : `${id} (${method} ${path})`;

const said = ({ outcome, reason, failed, tries, ...probe }: ProbeFacts): string =>
  `${routeOf(probe)} ${outcome === 'not-probed' ? 'was not probed' : `${outcome === 'failed' ? 'failed' : 'is unsteady'} (${failed} of ${counted(tries, 'try', 'tries')})`}: ${reason ?? 'no reason'}`;
