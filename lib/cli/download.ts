import * as z from 'zod';
import { operations } from '../api/contract.ts';
import { Unreachable } from '../api/unreachable.ts';
import { sha256 } from '../canonical-json.ts';
import { digestSchema } from '../fields.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, type Io, Usage } from './io.ts';

const options = { service: { type: 'string' }, output: { type: 'string' } } as const;

export const download: Command = {
  usage: [
    'holdpoint download RUN DIGEST [--output FILE]',
    '       holdpoint download --service NAME DIGEST [--output FILE]',
    '',
    'Downloads evidence as it was kept, and compares its sha256 with DIGEST, which stands in the event evidence.recorded (see holdpoint events',
    'with --type evidence.recorded). With --service it is evidence that stands for the service. For people who hold a role.',
    'Exit code 1: what came has another digest; then nothing is written.',
  ].join('\n'),
  binds: 'the bytes whose sha256 is DIGEST, which an event of the run or the service names',
  defaults: '--output evidence- and the first 12 digits of DIGEST',
  examples: [
    'holdpoint download RUN $DIGEST --output junit.xml',
    'holdpoint download --service shop $DIGEST --output user-guide.record.json',
  ],
  prints: z.object({ file: z.string(), ...operations.readEvidence.answer.schema.omit({ url: true, until: true }).shape }),
  run: async (argv, io) => {
    const { values, positionals } = read(argv, options, ['run?', 'digest?']);
    const { service } = values;
    const [run, named = ''] = service === undefined ? positionals : [undefined, ...positionals];
    const digest = named.replace(/^sha256:/, '');
    if (positionals.length !== (service === undefined ? 2 : 1)) throw new Usage('expected RUN and DIGEST, or --service NAME and DIGEST');
    if (!digestSchema.safeParse(digest).success) throw new Usage(`${named}: the 64 hexadecimal digits of a digest are expected`);
    const client = await connect(io, values, 'auditor');
    const found = await client.readEvidence({ params: { digest }, query: run === undefined ? { service } : { run } });
    if (found.problem !== undefined) return conclude(io, values.json, found, () => ({ text: '' }));
    const { url, until: _until, ...about } = found.ok;
    const bytes = await bytesOf(io, url);
    const came = sha256(bytes);
    if (came !== digest) {
      io.err(`nothing was written: the bytes that came are not the evidence\n  got       sha256 ${came}\n  expected  sha256 ${digest}\n`);
      return 1;
    }
    const file = values.output ?? `evidence-${digest.slice(0, 12)}`;
    await io.writeFile(file, bytes);
    return conclude(io, values.json, { ok: { file, ...about } }, ({ evidence, event }) => ({
      text: `${file} has the ${counted(bytes.byteLength, 'byte')} of type ${evidence} that event ${event} names.`,
    }));
  },
};

/** A report of 50 MB over a slow line. */
const timeoutMs = 10 * 60_000;

/** The address is signed for this one object. Throws `Unreachable` where the store does not give it. */
const bytesOf = async (io: Io, url: string): Promise<Uint8Array> => {
  const { host } = new URL(url);
  try {
    const answer = await io.fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (answer.status !== 200) throw new Unreachable(`the evidence store at ${host} answered ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    if (cause instanceof Unreachable) throw cause;
    throw new Unreachable(`the evidence store at ${host} could not be read`, { cause });
  }
};
