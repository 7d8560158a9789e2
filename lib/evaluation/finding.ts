import type { Basis, Verdict } from '../verdict.ts';

/** One check of a run as it stands: what the pages, the terminal and the API show. */
export type Finding = {
  readonly check: string;
  readonly kind: string;
  readonly source: 'document' | 'holdpoint';
  readonly title: string;
  readonly words: string;
  readonly owner: string;
  readonly proof: string;
  readonly mode: 'required' | 'observe';
  readonly verdict: Verdict;
  readonly reason: string;
  /** Null while the check is missing. */
  readonly basis: Basis | null;
  readonly attempt: number;
  /** When the proof gets too old, or the waiver ends. */
  readonly goodUntil: string | null;
  /** Digest of the facts, or of all subjects' facts together; what an approval binds. */
  readonly facts: string | null;
  /** The words behind a waiver, a declaration or an attestation: whose, and their digest, by which the people's store has them. */
  readonly statement: { readonly by: string; readonly digest: string } | null;
  readonly subjects: readonly {
    readonly subject: string;
    readonly verdict: Verdict;
    readonly reason: string;
    readonly attempt: number;
    readonly at: string;
  }[];
};
