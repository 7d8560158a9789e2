import { measures } from './measures.ts';

/** What a look of Holdpoint itself came to, as facts of type `probes` have it. */
type ProbesFacts = {
  readonly type: 'probes';
  readonly set: string;
  readonly to: string;
  readonly probes: readonly {
    readonly id: string;
    readonly critical: boolean;
    readonly outcome: string;
    readonly tries: number;
    readonly failed: number;
  }[];
};

const outcomes = ['passed', 'failed', 'unsteady'] as const;

/** The configured probes. A probe that was not made shows nothing; the proof of a rollback's step is looked at where the step is. */
export const probesMeasures = measures('probes', ({ set, to, probes }: ProbesFacts) =>
  probes.flatMap(({ id, critical, outcome: said, tries, failed }) => {
    const outcome = outcomes.find((one) => one === said);
    if (set !== 'probes' || outcome === undefined || tries === 0) return [];
    return [{ type: 'probe.measured' as const, data: { probe: id, critical, at: to, outcome, tries, failed } }];
  }),
);
