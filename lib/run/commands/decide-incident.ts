import { lanes } from '../../audit/lane.ts';
import { incidentId } from '../../checklist/definition.ts';
import { ok, refuse } from '../../outcome.ts';
import { counted } from '../../wording.ts';
import type { PersonCaller } from '../state/caller.ts';
import { readGates } from '../state/gate-inputs.ts';
import { actorOf } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { needsRole, notStarter } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { incidentSchema } from './inputs.ts';
import type { DecideRunDependencies } from './trigger-rollback.ts';

type IncidentDecision = { readonly run: string; readonly decision: 'resume' | 'end'; readonly reason: string };

/** Decides an open incident: the run resumes where it was, or ends. The definition says how often a run may be resumed. */
export const decideIncident = runCommand({
  id: 'decideIncident',
  input: incidentSchema,
  callers: ['person'],
  action: () => 'incident',
  decide: async (deps: DecideRunDependencies, context, input: IncidentDecision, caller: PersonCaller) => {
    const no =
      (input.decision === 'resume' ? notStarter(context, caller, 'resume it') : undefined) ??
      needsRole(caller, ['operations-lead'], 'an incident');
    if (no !== undefined) return no;
    const gates = await readGates(deps, context);
    const entry = gates.open;
    if (entry?.gate !== incidentId)
      return refuse('incident-not-open', 'The run does not wait at the incident gate.', {
        got: entry?.gate ?? 'no open gate',
        expected: incidentId,
        fix: 'Read the run.',
      });
    const { maxResumes } = context.checklist.incident;
    const resumes = gates.entries.flatMap(({ decisions }) => decisions).filter(({ event }) => event.data.decision === 'resume').length;
    if (input.decision === 'resume' && resumes >= maxResumes)
      return refuse('incident-resume-limit', `The run was resumed ${counted(resumes, 'time')}, and the checklist allows ${maxResumes}.`, {
        got: `resume ${resumes + 1}`,
        expected: `${maxResumes} at most`,
        fix: 'End the run and start another.',
      });
    const key = entry.opened.event.data.entry;
    const gate = entry.opened.event.data.interrupted ?? context.checklist.gates[0]?.id ?? '';
    return append({
      draft: {
        scope: context.scope,
        lane: lanes.gate(incidentId),
        step: `${key}/decided`,
        type: 'incident.decided',
        actor: actorOf(caller),
        data: {
          entry: key,
          decision: input.decision,
          gate,
          by: caller.id,
          reason: await deps.people.keep(context.run, input.reason),
        },
      },
      lane: entry.lane,
      followUp: noFollowUp,
      answer: ({ stored, adopted }) => {
        const { decision, by } = stored.event.data;
        if (decision === input.decision) return ok({ event: stored.event.id, alreadyRecorded: adopted, gate });
        return refuse('incident-not-open', 'The incident is decided already.', {
          got: input.decision,
          expected: `${decision} by ${by} at ${stored.event.at}`,
          fix: 'Read the run.',
        });
      },
    });
  },
});
