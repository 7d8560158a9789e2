import { html } from 'hono/html';
import { hasEnded, hasPassed, incidentId, isOver } from '../query/gate-state.ts';
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

/**
 * The way of the run as a picture: the phases of the document, each gate with its mark, where the run is and what is next. The words are there for
 * those who do not see marks or colours.
 */
export const gatesPicture = (run: RunView): Markup => {
  const here = run.gates.findIndex(({ id }) => id === run.gate);
  const next = hasEnded(run) ? undefined : run.gates.find(({ state }, place) => place > here && state === 'ahead')?.id;
  return html`<nav class="card" aria-label="Gates of this run"><ol class="phases">
${partsOf(run.gates).map(({ phase, gates }) => html`<li>${phase === null ? '' : html`<span class="phase">Phase ${phase}</span>`}<ol class="steps">${gates.map((gate) => step(gate, run, next))}</ol></li>`)}
</ol></nav>`;
};

const step = (gate: GateView, run: RunView, next: string | undefined): Markup =>
  html`<li class="${gateTone(gate)}${gate.state === 'ahead' ? ' ahead' : ''}"><a href="#gate-${gate.id}"${gate.id === run.gate ? html` aria-current="step"` : ''}>${gate.title}</a> ${gate.id === next ? pill('next', 'calm') : gate.state === 'ahead' ? html`<span class="heard">ahead</span>` : gatePill(gate)}</li>`;

const gateTone = (gate: GateView): Tone => {
  if (gate.state === 'blocked') return 'bad';
  if (isOver(gate)) return hasPassed(gate) ? 'good' : gate.state === 'superseded' ? 'calm' : 'bad';
  return gate.state === 'waiting' ? 'wait' : 'calm';
};
/** An incident does not pass: the run is resumed. */
export const gatePill = (gate: GateView): Markup =>
  gate.id === incidentId && hasPassed(gate) ? pill('resumed', 'calm') : pill(gate.state, gateTone(gate));
