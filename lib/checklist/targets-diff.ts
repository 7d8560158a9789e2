import { canonical } from '../canonical-json.ts';
import { durationWords } from '../wording.ts';
import type { Checklist } from './definition.ts';

/** One thing at which Holdpoint looks, as it stands on each side; null where it does not. */
export type TargetChange = {
  readonly environment: string;
  readonly target: string;
  readonly from: string | null;
  readonly to: string | null;
};

/** How the targets of two profiles differ: probes, alarms and the like, each whole, so that nothing about it is left out. */
export const targetChanges = (from: Checklist, to: Checklist): readonly TargetChange[] => {
  const [before, after] = [entriesOf(from), entriesOf(to)];
  return [...new Map([...before, ...after]).keys()].flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    const { environment, target } = (is ?? was) as Entry;
    return was?.text === is?.text ? [] : [{ environment, target, from: was?.text ?? null, to: is?.text ?? null }];
  });
};

type Entry = { readonly environment: string; readonly target: string; readonly text: string };

const singular: Readonly<Record<string, string>> = {
  components: 'component',
  probes: 'probe',
  alarms: 'alarm',
  metrics: 'metric',
  openapi: 'OpenAPI document',
};

/** By environment and name. What a rollback is let do stands among the deviations. */
const entriesOf = ({ profile }: Checklist): ReadonlyMap<string, Entry> => {
  const entries = Object.entries(profile?.targets ?? {}).flatMap(([environment, targets]) =>
    Object.entries(targets).flatMap(([member, value]): Entry[] => {
      const word = singular[member];
      if (word === undefined) return [];
      return Array.isArray(value)
        ? value.map((one: unknown) => ({ environment, target: `${word} ${nameOf(one)}`, text: textOf(one) }))
        : [{ environment, target: word, text: textOf(value) }];
    }),
  );
  return new Map(entries.map((entry) => [`${entry.environment} ${entry.target}`, entry]));
};

const nameOf = (one: unknown): string => {
  if (typeof one === 'string') return one;
  const { id, component } = one as { readonly id?: string; readonly component?: string };
  return id ?? component ?? '';
};

/** Every member with its value, in one line. */
const textOf = (one: unknown): string =>
  typeof one === 'string'
    ? one
    : membersOf(one as object)
        .map(([name, value]) => memberInWords(name, value))
        .join(', ');

/** The member `expect.maxMs` with 2000 as "expect max 2 seconds". */
const memberInWords = (path: string, value: unknown): string => {
  const [, name = path, unit] = /^(.+?)(Ms|Seconds)$/.exec(path) ?? [];
  const words = name.replace(/\./g, ' ').replace(/[A-Z]/g, (sign) => ` ${sign.toLowerCase()}`);
  if (unit !== undefined && typeof value === 'number') return `${words} ${durationWords(unit === 'Ms' ? value / 1000 : value)}`;
  const isPlain = ['string', 'number'].includes(typeof value) || (Array.isArray(value) && value.every((one) => typeof one !== 'object'));
  if (isPlain) return `${words} ${String(value).replaceAll(',', ', ')}`;
  return typeof value === 'boolean' ? `${words} ${value ? 'yes' : 'no'}` : `${words} ${canonical(value)}`;
};

const membersOf = (one: object, under = ''): readonly (readonly [string, unknown])[] =>
  Object.entries(one).flatMap(([name, value]) => {
    const path = `${under}${name}`;
    if (name === 'id' || name === 'component') return [];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return membersOf(value as object, `${path}.`);
    return [[path, value] as const];
  });
