import { Usage } from './io.ts';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration such as 500ms, 30s, 5m, 24h or 7d. */
export const durationOf = (text: string, flag: string): number => {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Math.round(Number(number) * (units[unit as keyof typeof units] ?? 0));
  if (number === '' || ms <= 0) throw new Usage(`--${flag} ${text}: expected a duration more than 0, such as 30s, 5m or 24h`);
  return ms;
};

/** The same in the largest unit that leaves a whole number. */
export const durationText = (ms: number): string => {
  const [unit, size] = Object.entries(units).findLast(([, one]) => ms % one === 0 && ms >= one) ?? ['ms', 1];
  return `${ms / size} ${unit}`;
};
