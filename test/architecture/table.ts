import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { listing } from '../../lib/checklist/listing.ts';

export const begin = '<!-- checklist: written by `npm run docs` -->';
export const end = '<!-- end of checklist -->';

/** The README's table of the checklist, from the definition itself. */
export const checklistTable = (): string => {
  const titles = new Map<string, string>(baseChecklist.gates.map(({ id, title }) => [id, title]));
  const rows = listing(baseChecklist).items.map(
    (line) =>
      `| ${line.gate === null ? 'beside the gates' : (titles.get(line.gate) ?? line.gate)} | \`${line.id}\` | ${line.title} | ${line.owner} | ${line.evidence.join(', ') || (line.kind === 'trigger' ? 'declared' : 'computed')} |`,
  );
  return ['| Gate | Line | What it says | Owner | Proof |', '|---|---|---|---|---|', ...rows].join('\n');
};

/** The text with what stands between the markers replaced. */
export const withTable = (text: string): string => {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('README.md has lost the markers of the checklist table');
  return `${before}${begin}\n${checklistTable()}\n${end}${after}`;
};
