import { baseChecklist } from '../checklist/checklist.ts';
import { listing } from '../checklist/listing.ts';
import { read } from './arguments.ts';
import type { Command } from './io.ts';
import { fitted, jsonText } from './plain.ts';

export const checklist: Command = {
  name: 'checklist',
  summary: 'list the checklist: items, titles, owners, evidence',
  usage: 'holdpoint checklist [--json]',
  examples: ['npx holdpoint checklist', 'npx holdpoint checklist --json'],
  run: async (argv, io) => {
    const { values } = read(argv, {}, []);
    const list = listing(baseChecklist);
    if (values.json) {
      io.out(jsonText(list));
      return 0;
    }
    io.out(`${baseChecklist.name} ${list.version} (${list.digest.slice(0, 12)}), ${list.items.length} items\n`);
    for (const [place, item] of list.items.entries()) {
      if (item.gate !== list.items[place - 1]?.gate)
        io.out(`\n${baseChecklist.gates.find((gate) => gate.id === item.gate)?.title ?? 'Rollback triggers'}\n`);
      const evidence = item.evidence.length === 0 ? '' : `; ${item.evidence.join(', ')}`;
      io.out(`${fitted(`  ${item.id.padEnd(34)} ${item.title}  (${item.owner}${evidence})`, io.columns, 37)}\n`);
    }
    return 0;
  },
};
