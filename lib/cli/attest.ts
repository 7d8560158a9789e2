import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { ownerOf } from './owner.ts';

const options = { statement: { type: 'string' }, service: { type: 'string' }, environment: { type: 'string' } } as const;

export const attest: Command = {
  usage: 'holdpoint attest RUN CHECK --statement TEXT\n       holdpoint attest --service NAME [--environment NAME] CHECK --statement TEXT',
  examples: [
    'holdpoint attest RUN backup-of-production --statement "Snapshot of this morning, restored on staging"',
    'holdpoint attest --service shop operations-trained --statement "All eight operators took the course of 3 September"',
  ],
  run: async (argv, io) => {
    const isForService = argv.some((one) => one === '--service' || one.startsWith('--service='));
    const { values, positionals } = read(argv, options, isForService ? ['check'] : ['run', 'check']);
    const { statement, service, environment } = values;
    if (statement === undefined) throw new Usage('--statement is missing: say in your own words what you have seen');
    const check = positionals.at(-1) ?? '';
    if (service === undefined && environment !== undefined) throw new Usage('--environment needs --service: a run has its environment');
    const client = await connect(io, values, ownerOf(check));
    if (service === undefined)
      return conclude(
        io,
        values.json,
        await client.attest({ params: { run: positionals[0] ?? '', check }, body: { statement } }),
        (recorded) => ({
          text: `Attested: ${check} is ${recorded.verdict}, ${recorded.reason}.`,
        }),
      );
    const body = { statement, ...(environment === undefined ? {} : { environment }) };
    return conclude(io, values.json, await client.attestForService({ params: { service, check }, body }), ({ event, confirmedBy }) => ({
      text: `Attested for ${service}: ${check}. It counts when a second person (${confirmedBy.join(' or ')}) confirms it: holdpoint confirm ${service} ${event}`,
    }));
  },
};
