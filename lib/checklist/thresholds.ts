/** A parameter of a rule, and what it asks for in words. */
export type Threshold = { readonly parameter: string; readonly text: string };

/** The parameters of a rule in words: `maxP99Ms: 2000` is "p99 at most 2000 ms". */
export const thresholdsOf = (rule: object | null): readonly Threshold[] =>
  Object.entries(rule ?? {}).flatMap(([name, value]) =>
    name === 'kind' || name === 'evidence' ? [] : [{ parameter: name, text: thresholdOf(name, value) }],
  );

const units: Readonly<Record<string, string>> = { Pct: ' %', Ms: ' ms', Seconds: ' s' };

/** Features are listed by their ids. */
const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : String(value);

const thresholdOf = (name: string, value: unknown): string => {
  const [, sense = '', subject = '', unit = ''] = /^(min|max|)(.+?)(Pct|Ms|Seconds|)$/.exec(name) ?? [];
  const text = Array.isArray(value) ? value.map(nameOf).join(', ') : String(value);
  const words = subject.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  // Below it a figure is not compared.
  if (subject === 'floor' && unit === 'Ms') return `up to ${text} ms counts as normal`;
  const bound = sense === 'min' || subject === 'floor' ? ' at least' : sense === 'max' ? ' at most' : '';
  return `${subject === 'floor' ? 'covered' : words}${bound} ${text}${units[unit] ?? ''}`;
};
