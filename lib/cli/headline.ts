import type { AnswerOf } from '../api/client.ts';
import type { operations } from '../api/contract.ts';
import { hasEnded, isOpen, isOver, isRequestOver } from '../query/gate-state.ts';
import type { GateView } from '../query/view.ts';
import { isUnsatisfied } from '../verdict.ts';
import { asWords, counted } from '../wording.ts';
import { withNames } from './names.ts';

/** A run as the API answers it: with the names of its people when the caller may read them. */
export type ShownRun = AnswerOf<(typeof operations)['readRun']>;

/** How many checks the sentence names. */
const mostNamed = 3;

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** One plain sentence: what the run waits for, and for whom; or how it ended, and why. */
export const headlineOf = (run: ShownRun): string => {
  const last = run.gates.find(({ id }) => id === run.gate);
  if (run.outcome === 'production-stable') return 'The run has ended: the release is production-stable.';
  if (hasEnded(run)) {
    const why = last?.reasons[0];
    return sentence(
      `The run has ended as ${run.outcome}${last === undefined ? '' : ` at ${last.title}`}${why === undefined ? '' : `: ${why}`}`,
      run,
    );
  }
  const open = run.gates.findLast((gate) => isOpen(gate) && gate.id === run.gate) ?? run.gates.findLast(isOpen);
  if (open === undefined) return 'The run is between two gates: the next one opens in a moment.';
  return sentence(`The run ${open.state === 'blocked' ? 'is blocked' : 'waits'} at ${open.title} ${waitsFor(open)}`, run);
};

/** The same of one gate, for a caller that waits for it. */
export const gateHeadline = (run: ShownRun, gate: GateView): string => {
  if (gate.state === 'passed') return sentence(`${gate.title} has passed`, run);
  if (isOver(gate))
    return sentence(`${gate.title} ended as ${gate.state}${gate.reasons[0] === undefined ? '' : `: ${gate.reasons[0]}`}`, run);
  return headlineOf(run);
};

const sentence = (text: string, run: ShownRun): string => {
  const said = withNames(text, run);
  return /[.!?]$/.test(said) ? said : `${said}.`;
};

const waitsFor = (gate: GateView): string => {
  const asked = currentRound(gate).filter(({ answer }) => answer === null);
  if (asked.length > 0)
    return `for the ${asked.length === 1 ? 'answer' : 'answers'} of ${listed(asked.map(({ person, role }) => `${person} (${asWords(role)})`))}`;
  const open = gate.checks.filter(isUnsatisfied);
  if (open.length > 0) {
    const named = open.slice(0, mostNamed).map(({ title, verdict, owner }) => `“${title}” (${verdict}, ${asWords(owner)})`);
    const more = open.length - named.length;
    return `for ${open.length === 1 ? 'the check' : `${counted(open.length, 'check')}:`} ${listed(more > 0 ? [...named, `${more} more`] : named)}`;
  }
  const [reason] = gate.reasons;
  if (reason !== undefined) return `because of this: ${reason}`;
  return gate.due === null ? 'until its time is over' : `until it is decided, at ${gate.due} at the latest`;
};

/** The requests that count now; those of an invalidated round ask nobody. */
const currentRound = ({ approvals, earlier }: GateView): GateView['approvals'] => {
  // Rounds are counted anew in each visit to the gate.
  const own = approvals.filter(({ entry }) => entry === earlier.length + 1);
  const round = Math.max(0, ...own.map((one) => one.round));
  return own.filter((one) => one.round === round && !one.invalidated && !one.recalled);
};

/** One line for each request: who is asked, who has answered. */
export const approvalLines = (gate: GateView, run: ShownRun): string[] =>
  gate.approvals.map((approval) => {
    const { entry, round, role, person, answer, at, expires, invalidated, withdrawn, recalled, for: principal } = approval;
    const said = withdrawn
      ? 'asked, then withdrawn: the release was superseded'
      : recalled
        ? `${answer === null ? 'asked' : `${answer} at ${at}`}, then recalled`
        : answer === null
          ? isRequestOver(gate, approval)
            ? 'asked, gave no answer'
            : `asked, no answer yet, until ${expires}`
          : `${answer} at ${at}`;
    const which = `${gate.earlier.length > 0 ? `visit ${entry}, ` : ''}${round > 1 ? `round ${round}, ` : ''}`;
    return withNames(
      `${which}${asWords(role)}: ${person}${principal == null ? '' : ` for ${principal}`}: ${said}${invalidated ? ', then invalidated' : ''}`,
      run,
    );
  });
