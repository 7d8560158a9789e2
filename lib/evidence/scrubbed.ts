import { withoutSecrets } from './sensitive.ts';
import { jsonOf } from './unreadable.ts';

/** What is kept of a report that quotes secrets and cannot be read: nobody can say where in it the secrets are. */
const withheld = new TextEncoder().encode(
  `${JSON.stringify({ withheld: 'This report could not be read, and reports of its type may quote secrets. Its bytes were not kept.' })}\n`,
);

/**
 * A JSON report as it is kept, without what may quote a secret. A report that has nothing to remove stays as it is, byte for byte. Never
 * throws: of a report that cannot be read, only a note is kept.
 */
export const rewrittenJson = (bytes: Uint8Array, rewrite: (value: unknown) => unknown): Uint8Array => {
  const json = jsonOf(bytes, 'JSON');
  if (json.refused) return withheld;
  const [before, after] = [JSON.stringify(json.ok), JSON.stringify(rewrite(json.ok))];
  return before === after ? bytes : new TextEncoder().encode(`${after}\n`);
};

/** The value without the members of these names, at any depth. */
export const withoutMembers = (value: unknown, names: ReadonlySet<string>): unknown => {
  if (Array.isArray(value)) return value.map((one) => withoutMembers(one, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (names.has(name) ? [] : [[name, withoutMembers(member, names)]])),
  );
};

/** The value with only the members of these names; null for what is no object. */
export const onlyMembers = (value: unknown, names: ReadonlySet<string>): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name)))
    : null;

/**
 * The value with each of its texts without secrets. A text never grows: it would no longer fit where the schema says how long it may be. The
 * names of members stay.
 */
export const withoutSecretTexts = (value: unknown): unknown => {
  if (typeof value === 'string') return withoutSecrets(value).slice(0, value.length);
  if (Array.isArray(value)) return value.map(withoutSecretTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, memberWithoutSecrets(name, member)]));
};

/** A member whose name says that it is a secret. */
const memberWithoutSecrets = (name: string, member: unknown): unknown => {
  if (typeof member !== 'string') return withoutSecretTexts(member);
  const before = JSON.stringify({ [name]: member });
  const after = withoutSecrets(before);
  if (before === after || after.includes('\n')) return withoutSecretTexts(member);
  try {
    const [scrubbed] = Object.values(JSON.parse(after) as Record<string, unknown>);
    return String(scrubbed).slice(0, member.length);
  } catch {
    return withoutSecretTexts(member);
  }
};
