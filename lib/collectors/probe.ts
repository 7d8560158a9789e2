import { excerpt, quoted } from '../canonical-json.ts';
import { isSafeMethod, type Probe, protectionOf } from '../checklist/probe.ts';
import type { ProbesReport, ProbeTry } from '../evidence/probes.ts';
import { type DialAnswer, type DialDependencies, dial } from './dial.ts';
import type { Pause } from './ports.ts';

export type ProbeDependencies = DialDependencies & { readonly pause: Pause };
export type Probed = ProbesReport['probes'][number];
/** What the environment permits. */
export type Permitted = { readonly privateAddresses: boolean; readonly staging: boolean };

/** So many times `inARow`: a probe that has neither passed nor failed by then is unsteady. */
const mostRounds = 3;
/** After a try that failed, so that one short disturbance is not counted n times. */
const pauseMs = 250;
/** Requests of a burst that are under way at once. */
const burstAtOnce = 20;

/** Probes that are made at the same time. */
const probesAtOnce = 6;
/** All probes of a look together: those that have not begun by then are not made. */
const allMs = 180_000;

/** Every probe, the critical ones first. Bursts come last, one by one: a service that turns requests away would turn the others away, too. */
export const runProbes = async (deps: ProbeDependencies, probes: readonly Probe[], permitted: Permitted): Promise<readonly Probed[]> => {
  const until = deps.clock.now().getTime() + allMs;
  const ordered = probes.toSorted((a, b) => Number(b.critical) - Number(a.critical));
  const bursts = ordered.filter(({ burst }) => burst !== undefined);
  const groups = [...groupsOf(ordered.filter(({ burst }) => burst === undefined)), ...bursts.map((one) => [one])];
  const done: Probed[] = [];
  for (const group of groups) {
    const isLate = deps.clock.now().getTime() >= until;
    const late = { mode: 'in-a-row', needed: 1, skipped: 'there was no time left for it' } as const;
    done.push(
      ...(await Promise.all(
        group.map(async (probe) => showing(probe, isLate ? probed(probe, late) : await runProbe(deps, probe, permitted))),
      )),
    );
  }
  return done;
};

const showing = (probe: Probe, made: Probed): Probed => {
  const shows = protectionOf(probe);
  return shows === undefined ? made : { ...made, shows };
};

const groupsOf = (probes: readonly Probe[]): readonly (readonly Probe[])[] =>
  Array.from({ length: Math.ceil(probes.length / probesAtOnce) }, (_, place) =>
    probes.slice(place * probesAtOnce, (place + 1) * probesAtOnce),
  );

/** Asks until it is certain: n good answers in a row, or n others in a row. */
export const runProbe = async (deps: ProbeDependencies, probe: Probe, permitted: Permitted): Promise<Probed> => {
  const skipped = whyNotProbed(probe, permitted);
  if (skipped !== undefined) return probed(probe, { mode: 'in-a-row', needed: probe.inARow, skipped });
  if (probe.burst !== undefined) return runBurst(deps, probe, permitted, probe.burst);
  const tries: ProbeTry[] = [];
  let inARow = 0;
  while (inARow < probe.inARow && tries.length < probe.inARow * mostRounds) {
    const last = tries.at(-1);
    if (last?.ok === false) await deps.pause(pauseMs);
    const made = await tryOnce(deps, probe, permitted);
    inARow = last?.ok === made.ok ? inARow + 1 : 1;
    tries.push(made);
  }
  return probed(probe, { mode: 'in-a-row', needed: probe.inARow, tries });
};

/** Milliseconds between the rounds of a watch. */
const roundMs = 5_000;

/** Asks every probe once a round for so many seconds, and stops at the first answer that is not as expected. */
export const watchProbes = async (
  deps: ProbeDependencies,
  probes: readonly Probe[],
  permitted: Permitted,
  watchSeconds: number,
): Promise<readonly Probed[]> => {
  const until = deps.clock.now().getTime() + watchSeconds * 1000;
  const skipped = new Map(probes.map((probe) => [probe.id, whyNotProbed(probe, permitted)]));
  const asked = probes.filter(({ id }) => skipped.get(id) === undefined);
  const tries = new Map<string, ProbeTry[]>(probes.map(({ id }) => [id, []]));
  for (let isOver = asked.length === 0; !isOver; ) {
    const made = await Promise.all(asked.map(async (probe) => [probe.id, await tryOnce(deps, probe, permitted)] as const));
    for (const [id, one] of made) tries.get(id)?.push(one);
    const left = until - deps.clock.now().getTime();
    isOver = left <= 0 || made.some(([, { ok }]) => !ok);
    if (!isOver) await deps.pause(Math.min(roundMs, left));
  }
  const slowest = probes.reduce((most, { expect }) => Math.max(most, expect.maxMs), 0);
  const needed = Math.max(2, Math.floor((watchSeconds * 1000) / (roundMs + slowest)));
  return probes.map((probe) => {
    const why = skipped.get(probe.id);
    return probed(probe, { mode: 'every', needed, tries: tries.get(probe.id) ?? [], ...(why === undefined ? {} : { skipped: why }) });
  });
};

/** Asks once. */
export const tryOnce = async (deps: DialDependencies, probe: Probe, permitted: Permitted): Promise<ProbeTry> => {
  const { url, method, headers, body, expect, within } = probe;
  const began = deps.clock.now().getTime();
  const answer = await dial(deps, {
    url,
    method,
    headers,
    body,
    timeoutMs: expect.maxMs,
    privateAddresses: permitted.privateAddresses,
    within,
    unfollowed: expect.status,
  });
  const ms = Math.max(0, deps.clock.now().getTime() - began);
  const why = 'failed' in answer ? answer.failed : flawOf(probe, answer, ms);
  return { ms, status: 'failed' in answer ? null : answer.status, ok: why === undefined, why: why ?? null };
};

/** All requests at once, of which the service must turn one away. */
const runBurst = async (
  deps: ProbeDependencies,
  probe: Probe,
  permitted: Permitted,
  { requests, expectStatus }: NonNullable<Probe['burst']>,
): Promise<Probed> => {
  const once = withoutBody({ ...probe, expect: { ...probe.expect, status: [...probe.expect.status, expectStatus] } });
  const tries: ProbeTry[] = [];
  // One bad answer decides it, and a service that does not answer must not outlast the function.
  while (tries.length < requests && tries.every(({ ok }) => ok)) {
    const some = Math.min(burstAtOnce, requests - tries.length);
    tries.push(...(await Promise.all(Array.from({ length: some }, () => tryOnce(deps, once, permitted)))));
  }
  return probed(probe, { mode: 'burst', needed: 1, tries });
};

/** An answer that turns a request away has neither the body nor the headers of the others. */
const withoutBody = ({ expect: { contains: _, withoutHeaders: __, ...expect }, ...probe }: Probe): Probe => ({ ...probe, expect });

/** What a probe looks like in a report: the path without its query, and no header. */
export const probed = (
  probe: Pick<Probe, 'id' | 'url' | 'method' | 'critical'>,
  { mode, needed, skipped, tries = [] }: Pick<Probed, 'mode' | 'needed'> & { readonly skipped?: string; readonly tries?: ProbeTry[] },
): Probed => ({
  id: probe.id,
  method: probe.method,
  path: URL.canParse(probe.url) ? new URL(probe.url).pathname : '',
  critical: probe.critical,
  mode,
  needed,
  skipped: skipped ?? null,
  tries,
});

const whyNotProbed = ({ url, method, safe, body }: Probe, { staging }: Permitted): string | undefined => {
  // A profile was compared with the stage before, and the stage was deployed since.
  if (url === '') return 'the stage file permits no request to the address that the profile names';
  if (staging || safe === true || (isSafeMethod(method) && body === undefined)) return undefined;
  return `a request of ${method} may change something, and the stage file does not say that it is safe`;
};

const flawOf = ({ expect }: Probe, answer: DialAnswer, ms: number): string | undefined => {
  const { status, maxMs, contains, withoutHeaders = [] } = expect;
  if (!status.includes(answer.status)) return `status ${answer.status}, ${status.join(' or ')} expected`;
  if (ms > maxMs) return `${ms} ms, at most ${maxMs} ms expected`;
  const present = withoutHeaders.find((name) => Object.hasOwn(answer.headers, name.toLowerCase()));
  if (present !== undefined)
    return `the header ${excerpt(present, 60)} is there with the value ${quoted(answer.headers[present.toLowerCase()] ?? '', 60)}, and must be absent`;
  if (contains === undefined || new TextDecoder().decode(answer.body).includes(contains)) return undefined;
  return answer.truncated ? 'the first 64 KB of the body do not contain the expected text' : 'the body does not contain the expected text';
};
