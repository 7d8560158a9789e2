import { factWords } from '../registry/written-words.ts';
import { counted, durationWords, formatInstant } from '../wording.ts';

/** A fact as people read it. `path` is its name as `decidingFacts` says it: `failed`, or `lines.hit` of a member. */
export type NamedFact = { readonly path: string; readonly name: string; readonly value: string };

/** Each value is cut short. */
const longestValue = 120;

/** The figures and short texts of facts, without long lists: of those their length, and the first texts. */
export const factLines = (facts: { readonly type: string }): readonly NamedFact[] => {
  const nameOf = namer(facts);
  return Object.entries(facts)
    .filter(([name]) => name !== 'type' && name !== 'as')
    .flatMap(([name, value]) => linesOf(name, value))
    .map(([path, value]) => ({ path, name: nameOf(path), value: valueText(path, value) }));
};

const namer = ({ type }: { readonly type: string }): ((path: string) => string) => {
  const known = factWords[type] ?? {};
  const own = (path: string): string =>
    (Object.hasOwn(known, path) ? known[path] : undefined) ?? readable(path.slice(path.lastIndexOf('.') + 1));
  return (path) => {
    const [outer = ''] = path.split('.');
    // The names of figures and levels are in the evidence, and in no schema.
    return path === outer || Object.hasOwn(known, path) ? own(path) : `${own(outer)}: ${own(path)}`;
  };
};

/** Units come last in names, and stand with the value. */
const unit = /(Seconds|Minutes|Hours|Days|Ms|Pct)$/;

/** `restoreSeconds` as "restore": words of a name that nobody has given any. */
const readable = (name: string): string =>
  name
    .replace(unit, '')
    .replace(/Count$/, ' in all')
    .replaceAll(/[-_]/g, ' ')
    .replace(/(?<=[a-z0-9])[A-Z]/g, (sign) => ` ${sign}`)
    .toLowerCase();

const linesOf = (name: string, value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? [[name, value]]
    : Object.entries(value).map(([member, inner]) => [`${name}.${member}`, inner]);

const valueText = (path: string, value: unknown): string => {
  if (Array.isArray(value)) return listText(value);
  if (value === null) return 'not stated';
  if (typeof value === 'object') return counted(Object.keys(value).length, 'entry', 'entries');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return numberText(path, value);
  const text = String(value);
  return isInstant.test(text) ? formatInstant(text) : text.slice(0, longestValue);
};

const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

const numberText = (path: string, value: number): string => {
  switch (unit.exec(path)?.[1]) {
    case 'Seconds':
      return durationWords(value);
    case 'Minutes':
      return counted(value, 'minute');
    case 'Hours':
      return counted(value, 'hour');
    case 'Days':
      return counted(value, 'day');
    case 'Ms':
      return `${value} ms`;
    case 'Pct':
      return `${value} %`;
    default:
      return String(value);
  }
};

/** Digests tell nobody anything. */
const isDigest = /^[0-9a-f]{12,64}$/;

const listText = (list: readonly unknown[]): string => {
  const texts = list.flatMap((one) =>
    typeof one === 'string' ? one : typeof one === 'object' && one !== null && 'name' in one ? String(one.name) : [],
  );
  const named = texts.filter((text) => !isDigest.test(text));
  const first = named.length === 0 ? '' : `: ${named.slice(0, 3).join(', ').slice(0, longestValue)}${list.length > 3 ? ', …' : ''}`;
  return `${list.length}${first}`;
};
