import type { Role } from './roles.ts';

/**
 * What a pipeline hears. `event` and `outcome`: how the gate was decided (`passed`, `rejected`, `returned`, …), that it is `blocked`, or how the run ended.
 * `id`: the same whenever the same message is sent again. `blockers`: of a blocked gate.
 */
export type CallbackMessage = Readonly<
  Record<'id' | 'run' | 'service' | 'environment' | 'version' | 'commit' | 'gate' | 'outcome' | 'link', string> & { event: 'gate' | 'run' }
> & { readonly blockers?: Blockers | undefined };

/**
 * The checks that block a gate, those of earlier gates first, and how many more there are. None where something else blocks it. Names and words
 * of the definition only: what a report says could become a part of a script in a pipeline. `way`: what supplies the check, `evidence`: the
 * type of report where one does, `roles`: whose it is.
 */
export type Blockers = {
  readonly checks: readonly {
    readonly gate: string;
    readonly check: string;
    readonly verdict: string;
    readonly way: string;
    readonly evidence: string | null;
    readonly roles: readonly Role[];
  }[];
  readonly leftOut: number;
};

/** Which messages a callback gets: of all environments and gates where it names none. */
export type CallbackFacts = {
  readonly id: string;
  readonly environments?: readonly string[] | undefined;
  readonly gates?: readonly string[] | undefined;
};

/** Pipelines that wait for a message: `target` is the id of a callback of the service. A throw means that it may not have arrived. */
export interface Callbacks {
  call(target: string, message: CallbackMessage): Promise<void>;
}
