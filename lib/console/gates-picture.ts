import { html } from 'hono/html';
import { hasEnded, hasPassed, incidentId, isAside, isOver } from '../query/gate-state.ts';
import type { GateView, RunView } from '../query/view.ts';
import { type Markup, pill, type Tone } from './layout.ts';

/** Gates that follow each other in one phase of the document, or in none. */
type Part = { readonly phase: number | null; readonly gates: readonly GateView[] };

const partsOf = (gates: readonly GateView[]): readonly Part[] => {
  const parts: { phase: number | null; gates: GateView[] }[] = [];
  for (const gate of gates) {
    const last = parts.at(-1);
    if (last !== undefined && last.phase === gate.phase) last.gates.push(gate);
    else parts.push({ phase: gate.phase, gates: [gate] });
  }
  return parts;
};

/** Every part has a heading, so that no gate seems to belong to the phase above it. */
const headingOf = (parts: readonly Part[], place: number): string => {
  const phaseOf = (one: Part | undefined): number | null => one?.phase ?? null;
  const [before, own, after] = [phaseOf(parts[place - 1]), phaseOf(parts[place]), phaseOf(parts[place + 1])];
  if (own !== null) return `Phase ${own}`;
  if (before !== null && after !== null) return `Between phases ${before} and ${after}`;
  if (after !== null) return `Before phase ${after}`;
  return before === null ? 'Gates' : `After phase ${before}`;
};

type Branch = { readonly heading: string; readonly gates: readonly GateView[] };

/** What the run came to from this gate of its order, directly or from there. `undefined`: what began before any gate. */
const branchesAt = ({ gates: all, rollback }: RunView, place: string | undefined): readonly Branch[] => {
  // After a decision to continue, the steps of the rollback are not ahead of the run.
  const isContinued = rollback?.decision?.decision === 'continue';
  const own = all.filter((gate) => isAside(gate) && !(isContinued && gate.state === 'ahead') && rootOf(all, gate) === place);
  return [
    { heading: 'Rollback', gates: own.filter(({ id }) => id !== incidentId) },
    { heading: 'Incident', gates: own.filter(({ id }) => id === incidentId) },
  ].filter(({ gates }) => gates.length > 0);
};

const rootOf = (all: readonly GateView[], gate: GateView): string | undefined => {
  const seen = new Set<GateView>();
  let at: GateView | undefined = gate;
  // An incident may interrupt a rollback that itself interrupted an incident.
  while (at !== undefined && isAside(at) && !seen.has(at)) {
    seen.add(at);
    const from: string | null = at.interrupted;
    at = all.find(({ id }) => id === from);
  }
  return at === undefined || isAside(at) ? undefined : at.id;
};

/**
 * The way of the run as a picture: the phases of the document, each gate with its mark, where the run is and what is next. A rollback and an incident
 * branch off the gate that they interrupted. The words are there for those who do not see marks or colours.
 */
export const gatesPicture = (run: RunView): Markup => {
  const parts = partsOf(run.gates.filter((gate) => !isAside(gate)));
  return html`<nav class="card" aria-label="Gates of this run"><ol class="phases">
${parts.map(({ gates }, place) => html`<li><span class="phase">${headingOf(parts, place)}</span><ol class="steps">${gates.map((gate) => step(gate, run))}</ol></li>`)}
${branchesAt(run, undefined).map(({ heading, gates }) => html`<li><span class="phase">${heading}</span><ol class="steps">${gates.map((gate) => step(gate, run))}</ol></li>`)}
</ol></nav>`;
};

const step = (gate: GateView, run: RunView): Markup =>
  html`<li class="${gateTone(gate)}${gate.state === 'ahead' ? ' ahead' : ''}"><a href="#gate-${gate.id}"${gate.id === run.gate ? html` aria-current="step"` : ''}>${gate.title}</a> ${stateOf(gate, run)}${
    isAside(gate)
      ? ''
      : branchesAt(run, gate.id).map(
          ({ heading, gates }) =>
            html`<span class="phase">${heading}, from here</span><ol class="steps">${gates.map((one) => step(one, run))}</ol>`,
        )
  }</li>`;

const stateOf = (gate: GateView, run: RunView): Markup => {
  if (gate.state !== 'ahead') return gatePill(gate);
  if (hasEnded(run)) return html`<span class="soft">not reached</span>`;
  return gate.id === nextOf(run) ? pill('next', 'calm') : html`<span class="heard">ahead</span>`;
};

/** Nobody knows what is next of a run that waits at the incident: people decide. */
const nextOf = ({ gates, gate }: RunView): string | undefined => {
  const here = gates.findIndex(({ id }) => id === gate);
  const at = gates[here];
  if (at === undefined || at.id === incidentId) return undefined;
  return gates.find((one, place) => place > here && one.state === 'ahead' && isAside(one) === isAside(at))?.id;
};

const gateTone = (gate: GateView): Tone => {
  if (gate.state === 'blocked') return 'bad';
  if (isOver(gate)) return hasPassed(gate) ? 'good' : gate.state === 'superseded' ? 'calm' : 'bad';
  return gate.state === 'waiting' ? 'wait' : 'calm';
};
/** An incident does not pass: the run is resumed. */
export const gatePill = (gate: GateView): Markup =>
  gate.id === incidentId && hasPassed(gate) ? pill('resumed', 'calm') : pill(gate.state, gateTone(gate));
