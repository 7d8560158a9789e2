import * as z from 'zod';
import { seriesJsonSchema } from '../evidence/published-schemas.ts';
import { mostPoints } from '../evidence/series-facts.ts';
import { counted } from '../wording.ts';
import { need, read } from './arguments.ts';
import { durationOf, durationText } from './duration.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { pointsOf, type Sample, startProbe } from './series-probe.ts';

/** A series of this many points stays below the limit of its evidence type, 4 MB, also when every point has an error. */
const most = Math.min(mostPoints, 20_000);
/** How much of an answer is read: an endless one must not fill the memory. */
const mostBytes = 1024 * 1024;
const day = 86_400_000;

const options = {
  for: { type: 'string' },
  every: { type: 'string' },
  timeout: { type: 'string' },
  name: { type: 'string' },
  about: { type: 'string' },
  output: { type: 'string' },
  schema: { type: 'boolean' },
} as const;

export const probe: Command = {
  usage: [
    'holdpoint probe URL --for DURATION [--every DURATION] [--name NAME] [--output FILE] [--timeout DURATION] [--about TEXT]',
    '       holdpoint probe --schema',
    '',
    'Calls URL at a fixed interval and writes the series that the checks on soak, health and monitoring read. A status of 200 to 299 is a',
    'good point. Every other status (redirects, too), no answer in time and a refused connection are failures.',
    'DURATION is such as 30s, 5m or 24h.',
    'Ctrl-C ends the probe and writes what was measured (exit code 130). Exit code 1: the URL never answered.',
    '--schema prints the JSON schema of the series.',
  ].join('\n'),
  binds: 'a URL, which is written into the series without its query; nothing is sent to Holdpoint',
  defaults: '--every 5s, --name health, --timeout 10s, --output series.json, --about the URL without its query',
  examples: [
    'holdpoint probe https://shop.example.com/health --for 5m --every 5s --output series.json',
    'holdpoint probe https://staging.example.com/health --for 24h --every 30s --name soak --output soak.series.json',
  ],
  prints: z.object({ file: z.string().nullable(), name: z.string(), points: z.int(), failed: z.int(), answered: z.int() }),
  run: async (argv, io) => {
    const schemaOnly = argv.includes('--schema');
    const {
      values,
      positionals: [address = ''],
    } = read(argv, options, schemaOnly ? [] : ['url']);
    if (schemaOnly) {
      io.out(jsonText(seriesJsonSchema()));
      return 0;
    }
    const url = urlOf(address);
    const settings = settingsOf(values);
    const about = (values.about ?? `${url.origin}${url.pathname}`).slice(0, 200);
    const signal = io.interrupted();
    const running = startProbe({
      ...settings,
      about,
      request: () => ask(io, url, settings.timeoutMs, signal),
      now: io.now,
      sleep: io.sleep,
    });
    signal.addEventListener('abort', running.stop);
    if (signal.aborted) running.stop();
    const { everyMs, forMs } = settings;
    if (values.json !== true)
      io.err(
        `Probing ${plain(about)} every ${durationText(everyMs)} for ${durationText(forMs)}. Ctrl-C ends it and writes what was measured.\n`,
      );
    const series = await running.series;
    // A request that the interruption broke off says nothing about the service.
    const points = signal.aborted ? series.points.filter(({ error }) => error !== interruption) : series.points;
    const output = values.output ?? 'series.json';
    if (points.length > 0) await io.writeFile(output, `${JSON.stringify({ ...series, points })}\n`);
    const failed = points.filter(({ ok }) => !ok).length;
    const answered = points.filter(({ status }) => status !== undefined).length;
    const summary = { file: points.length > 0 ? output : null, name: series.name, points: points.length, failed, answered };
    io.out(values.json ? jsonText(summary) : `${summaryText(summary, signal.aborted)}\n`);
    return signal.aborted ? 130 : answered > 0 ? 0 : 1;
  },
};

type Summary = {
  readonly file: string | null;
  readonly name: string;
  readonly points: number;
  readonly failed: number;
  readonly answered: number;
};

const summaryText = ({ file, name, points, failed, answered }: Summary, interrupted: boolean): string =>
  [
    file === null
      ? 'Nothing was measured, and nothing was written.'
      : `${counted(points, 'point')}, ${failed} of them failed, written to ${plain(file)}.`,
    ...(points > 0 && answered === 0 ? ['The URL never answered.'] : []),
    ...(interrupted ? ['The probe was interrupted, so the series is shorter than planned.'] : []),
    ...(file === null ? [] : [`Send it: holdpoint evidence RUN ${plain(file)} --type series --source ${name} --commit SHA`]),
  ].join('\n');

const urlOf = (text: string): URL => {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new Usage(`${text} is not a URL: expected one such as https://shop.example.com/health`);
  if (url.username !== '' || url.password !== '')
    throw new Usage('the URL has a user or a password, which no request may carry: leave them out');
  return url;
};

const settingsOf = (values: { readonly [Name in keyof Omit<typeof options, 'schema'>]?: string | undefined }) => {
  const forMs = durationOf(need(values.for, 'for'), 'for');
  const everyMs = durationOf(values.every ?? '5s', 'every');
  const timeoutMs = durationOf(values.timeout ?? '10s', 'timeout');
  const name = values.name ?? 'health';
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) throw new Usage(`--name ${name}: expected lower-case letters, digits and hyphens`);
  if (Math.max(everyMs, timeoutMs) > day) throw new Usage('--every and --timeout: expected a day at most');
  if (pointsOf(forMs, everyMs) > most)
    throw new Usage(`--for ${values.for} --every ${values.every ?? '5s'}: more than ${most} points; choose a longer --every`);
  return { forMs, everyMs, timeoutMs, name };
};

const interruption = 'interrupted';

/** One request. The connection is closed when the answer is too long to be read whole. */
const ask = async (io: Io, url: URL, timeoutMs: number, interrupted: AbortSignal): Promise<Sample> => {
  // Not AbortSignal.any: older versions of Node.js keep every signal that was made from a long-lived one.
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = setTimeout(() => ending.abort(new DOMException('no answer in time', 'TimeoutError')), timeoutMs);
  interrupted.addEventListener('abort', end);
  try {
    const response = await io.fetch(url, { redirect: 'manual', signal: ending.signal });
    const reader = response.body?.getReader();
    for (let bytes = 0, done = false; reader !== undefined && !done; ) {
      const read = await reader.read();
      bytes += read.value?.byteLength ?? 0;
      done = read.done || bytes > mostBytes;
      if (bytes > mostBytes) await reader.cancel();
    }
    return { ok: response.ok, status: response.status };
  } catch (thrown) {
    if (interrupted.aborted) return { ok: false, error: interruption };
    throw thrown;
  } finally {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', end);
  }
};
