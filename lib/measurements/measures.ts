import type { DataOf } from '../audit/event.ts';

/** What a report measured, without which report it is. */
export type Measurement = {
  [T in 'figures.measured' | 'probe.measured']: {
    readonly type: T;
    readonly data: Omit<DataOf<T>, 'evidence' | 'source' | 'component'>;
  };
}['figures.measured' | 'probe.measured'];

/** `passed`: whether every check that the report served was judged `pass`. */
export type Judged = { readonly passed: boolean };

/** An evidence type whose facts are figures: what they say, in the same order every time. */
export type Measures = {
  readonly evidence: string;
  readonly read: (facts: SomeFacts, judged: Judged) => readonly Measurement[];
};

/** `as`: another type of which they have every member (`judgedAs` in `lib/evidence/kind.ts`). */
export type SomeFacts = { readonly type: string; readonly as?: string };

export const measures = <F extends { readonly type: string }>(
  evidence: F['type'],
  read: (facts: F, judged: Judged) => readonly Measurement[],
): Measures => ({
  evidence,
  read: (facts, judged) => (facts.type === evidence || facts.as === evidence ? read(facts as unknown as F, judged) : []),
});

/** To a hundredth: enough for percent, milliseconds and requests per minute. */
export const rounded = (figure: number): number => Math.round(figure * 100) / 100;
