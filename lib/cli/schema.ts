import { jsonSchemaOf } from '../evidence/record.ts';
import { recordKinds, recordOf } from '../evidence/records/index.ts';
import { read } from './arguments.ts';
import { type Command, Usage } from './io.ts';
import { fitted, jsonText } from './plain.ts';

export const schema: Command = {
  name: 'schema',
  summary: 'list the records, or print the JSON Schema of one',
  usage: [
    'holdpoint schema [RECORD] [--json]',
    '',
    'A record is a JSON document about something that has no format of its own, such as a backup or a list of ports. Without RECORD the',
    'kinds of records are listed. With it, its JSON Schema (2020-12) is printed. A record is sent like any report:',
    'holdpoint evidence RUN backup.record.json --type record',
  ].join('\n'),
  examples: ['holdpoint schema', 'holdpoint schema backup'],
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
    const kind = recordOf(id);
    if (kind === undefined) throw new Usage(`there is no record ${id}; the records are ${recordKinds.map((one) => one.id).join(', ')}`);
    io.out(jsonText(jsonSchemaOf(kind)));
    return 0;
  },
};
