import { evidenceTypes } from '../registry/evidence.ts';
import { counted } from '../wording.ts';
import type { Seen } from './inspect.ts';
import { fitted, plainIn } from './plain.ts';

/** What is said of one file, as lines for people. */
export const inspectText = (said: Seen, columns: number | undefined): string => {
  const seen = plainIn(said);
  const lines =
    'refused' in seen
      ? [
          `${seen.file}: refused. ${seen.refused.detail}`,
          ...(seen.refused.got === undefined ? [] : [`  got       ${seen.refused.got}`]),
          ...(seen.refused.expected === undefined ? [] : [`  expected  ${seen.refused.expected}`]),
          ...(seen.refused.fix === undefined ? [] : [`  ${'fix'.padEnd(10)}${seen.refused.fix}`]),
        ]
      : [
          `${seen.file}: ${seen.type}, ${evidenceTypes[seen.type].description}`,
          ...Object.entries(seen.facts).map(([name, value]) => `  ${name.padEnd(18)}${figures(value)}`),
          ...seen.problems.map(({ title }) => `  ${'problem'.padEnd(18)}${title}`),
          ...alike(seen.checks).flatMap(checkLines),
          ...(seen.checks.length === 0 ? ['  no check of the checklist uses such a report'] : []),
        ];
  const hang = 'refused' in seen ? 12 : 20;
  return lines.map((line) => fitted(line, columns, hang)).join('\n');
};

type Check = Extract<Seen, { readonly checks: unknown }>['checks'][number];

/** Checks of one verdict and reason together, in the order of the first: test results settle fifteen checks, and most say the same. */
const alike = (checks: readonly Check[]): readonly (readonly Check[])[] => {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const key = JSON.stringify([check.verdict, check.reason]);
    groups.set(key, [...(groups.get(key) ?? []), check]);
  }
  return [...groups.values()];
};

const checkLines = (checks: readonly Check[]): string[] => {
  const [first, second] = checks;
  if (first === undefined) return [];
  const { id, verdict, reason } = first;
  if (second === undefined) return [`  ${verdict.padEnd(18)}${id}: ${reason}`];
  return [
    `  ${verdict.padEnd(18)}${reason}`,
    `${' '.repeat(20)}(${counted(checks.length, 'check')}: ${checks.map((one) => one.id).join(', ')})`,
  ];
};

/** `{ covered: 6, total: 7, pct: 85.71 }` as `covered 6, total 7, pct 85.71`. */
const figures = (value: unknown): string => {
  if (value === null) return 'not known';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(figures).join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, member]) => {
      const nested = typeof member === 'object' && member !== null && !Array.isArray(member);
      return nested ? `${name} (${figures(member)})` : `${name} ${figures(member)}`;
    })
    .join(', ');
};
