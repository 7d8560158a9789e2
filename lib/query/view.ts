import type { Artifact, Settled } from '../audit/event.ts';
import type { Deviation } from '../checklist/definition.ts';
import type { Finding } from '../evaluation/finding.ts';

export type { Finding };

/** A gate of a run. `ahead`: not opened yet; `waiting`: open, only time or evidence is missing; `held`: open, and something says no. */
export type GateView = {
  readonly id: string;
  readonly title: string;
  readonly state: 'ahead' | 'waiting' | 'blocked' | 'settled';
  readonly outcome: Settled | null;
  readonly openedAt: string | null;
  readonly settledAt: string | null;
  readonly due: string | null;
  /** Why it does not settle, most important first. */
  readonly reasons: readonly string[];
  readonly checks: readonly Finding[];
  readonly approvals: readonly {
    readonly round: number;
    readonly role: string;
    readonly person: string;
    readonly answer: string | null;
    readonly at: string | null;
    readonly expires: string;
    readonly invalidated: boolean;
  }[];
  readonly regressions: readonly { readonly check: string; readonly verdict: string; readonly at: string; readonly candidate: boolean }[];
};

export type RunView = {
  readonly run: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly commit: string;
  readonly artifacts: readonly Artifact[];
  readonly changes: readonly string[];
  readonly startedAt: string;
  readonly starter: string;
  readonly plannedT0: string;
  readonly definition: { readonly name: string; readonly version: string; readonly digest: string };
  readonly graph: string;
  readonly stage: string;
  readonly local: boolean;
  readonly waitScale: number;
  /** `running` and `held` are views of an open path; the others are its end. */
  readonly outcome: string;
  readonly gate: string;
  readonly gates: readonly GateView[];
  readonly deviations: readonly Deviation[];
  /** Sentences that every report shows, such as the missing profile. */
  readonly disclosures: readonly string[];
  readonly deployments: readonly { readonly state: string; readonly component: string; readonly digest: string; readonly at: string }[];
  readonly observations: readonly {
    readonly observation: string;
    readonly kind: string;
    readonly bad: boolean;
    readonly subject: string;
    readonly summary: string;
    readonly observedAt: string;
    readonly label: string | null;
  }[];
  /** Verdicts of the document's checks only. */
  readonly checkCounts: Readonly<Record<'pass' | 'fail' | 'inconclusive' | 'missing' | 'error' | 'waived' | 'notApplicable', number>>;
  readonly events: number;
  readonly closed: boolean;
};
