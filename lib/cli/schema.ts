import * as z from 'zod';
import { problemSchema } from '../api/problem.ts';
import { jsonSchemaOf } from '../evidence/published-schemas.ts';
import { recordKinds, recordOf } from '../evidence/records/index.ts';
import { profileJsonSchema } from '../profile/schema.ts';
import { read } from './arguments.ts';
import { commands, type Listed } from './commands.ts';
import { type Command, Usage } from './io.ts';
import { fitted, jsonText } from './plain.ts';

/** What any command prints with `--json` when something is refused. */
const problem = 'problem';

export const schema: Command = {
  usage: [
    'holdpoint schema [RECORD | profile]',
    '       holdpoint schema --output COMMAND',
    '',
    'A record is a JSON document about something that has no format of its own, such as a backup or a list of ports. Without RECORD the',
    'kinds of records are listed. With it, its JSON Schema (2020-12) is printed. A record is sent like any report:',
    'holdpoint evidence RUN backup.record.json --type record',
    '`profile` is the schema of holdpoint.yaml, the profile of a service.',
    'With --output it is the schema of what COMMAND prints with --json, such as --output status or --output "profile show". Members are only',
    `ever added. When something is refused, every command prints a problem document instead: --output ${problem}.`,
  ].join('\n'),
  binds: 'this version of the command line; nothing is sent',
  defaults: 'without an argument the records are listed',
  examples: ['holdpoint schema', 'holdpoint schema backup', 'holdpoint schema profile', 'holdpoint schema --output status'],
  prints: z.union([
    z.object({ records: z.array(z.object({ id: z.string(), description: z.string() })) }),
    z.looseObject({ $schema: z.string() }).meta({ description: 'A JSON Schema.' }),
  ]),
  run: async (argv, io) => {
    const {
      values,
      positionals: [id],
    } = read(argv, { output: { type: 'string' } }, ['record?']);
    if (values.output !== undefined) {
      if (id !== undefined) throw new Usage(`got ${id} and --output, expected one of them`);
      io.out(jsonText(await outputSchema(values.output, [...commands, ...(io.localCommands ?? [])])));
      return 0;
    }
    if (id === undefined) {
      const listed = recordKinds.map((kind) => ({ id: kind.id, description: kind.description }));
      io.out(
        values.json
          ? jsonText({ records: listed })
          : `${listed.map((one) => fitted(`${one.id.padEnd(15)}${one.description}`, io.columns, 15)).join('\n')}\n`,
      );
      return 0;
    }
    if (id === 'profile') {
      io.out(jsonText(profileJsonSchema()));
      return 0;
    }
    const kind = recordOf(id);
    if (kind === undefined)
      throw new Usage(
        `there is no record ${id}; profile is the schema of profiles, and the records are ${recordKinds.map((one) => one.id).join(', ')}`,
      );
    io.out(jsonText(jsonSchemaOf(kind)));
    return 0;
  },
};

/** The JSON Schema of what a command prints. */
const outputSchema = async (name: string, all: readonly Listed[]): Promise<object> => {
  const listed = all.find((one) => one.name === name || one.short === name);
  if (listed === undefined && name !== problem)
    throw new Usage(`--output ${name}: expected a command, or ${problem}: ${all.map((one) => one.name).join(', ')}`);
  const prints = listed === undefined ? problemSchema : (await listed.load()).prints;
  return {
    title:
      listed === undefined
        ? 'What every command prints with --json when something is refused'
        : `What holdpoint ${listed.name} --json prints`,
    ...z.toJSONSchema(prints, { override: open }),
  };
};

/** An object may get more members in a later version, so that the schema leaves it open where the API does. */
const open: NonNullable<z.core.ToJSONSchemaParams['override']> = ({ zodSchema, jsonSchema }) => {
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined) delete jsonSchema.additionalProperties;
};
