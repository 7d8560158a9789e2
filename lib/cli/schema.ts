import { jsonSchemaOf } from '../evidence/record.ts';
import { recordKinds, recordOf } from '../evidence/records/index.ts';
import { profileJsonSchema } from '../profile/schema.ts';
import { read } from './arguments.ts';
import { type Command, Usage } from './io.ts';
import { fitted, jsonText } from './plain.ts';

export const schema: Command = {
  usage: [
    'holdpoint schema [RECORD | profile] [--json]',
    '',
    'A record is a JSON document about something that has no format of its own, such as a backup or a list of ports. Without RECORD the',
    'kinds of records are listed. With it, its JSON Schema (2020-12) is printed. A record is sent like any report:',
    'holdpoint evidence RUN backup.record.json --type record',
    '`profile` is the schema of holdpoint.yaml, the profile of a service.',
  ].join('\n'),
  examples: ['holdpoint schema', 'holdpoint schema backup', 'holdpoint schema profile'],
  run: async (argv, io) => {
    const {
      values,
      positionals: [id],
    } = read(argv, {}, ['record?']);
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
