import { checksOf, type Gate, gateOf, incidentId, itemOf } from '../../checklist/definition.ts';
import { currentRound, foldRounds, isOpenRound } from '../../folds/approval-rounds.ts';
import { lastReportOf } from '../../folds/deployment.ts';
import type { Notification, Person } from '../../ports.ts';
import { blockingFindings, unsatisfiedFindings } from '../state/current-findings.ts';
import { type Entry, returnBefore, visitOf } from '../state/gate-entries.ts';
import { type GateInputs, isAfterT0 } from '../state/gate-inputs.ts';
import { missedT0 } from '../state/t0.ts';
import type { Wait } from './decide.ts';
import { attestationsDue, mailingOf, untold } from './due-attestations.ts';
import { asMailed, headOf, localInstant, nameOf, recipientsOf, titleOf, whyStopped } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { rollbackNotices } from './rollback-notices.ts';

/** A mailing about the visit of a gate that nobody got yet. `notice` names it within the visit. */
export type DueNotice = {
  readonly notice: string;
  /** Mailings with the same claim are never sent at the same time. */
  readonly claim: string;
  readonly people: readonly Person[];
  readonly write: (person: Person) => Notification;
  /** Ids of the mails that it belongs to. */
  readonly follows?: ((person: Person) => readonly string[]) | undefined;
};

export type MailFacts = Pick<Reconciliation, 'roster' | 'stage'>;
type Facts = MailFacts;
/** A gate that waits, as it was read and decided. */
export type Waiting = { readonly inputs: GateInputs; readonly entry: Entry; readonly decision: Wait };

/**
 * Which mails are due while a gate waits: a fold of what was read for the decision, so that it costs no further reading. The events of the
 * mails that were sent stand in the gate's lane.
 */
export const dueNotices = (facts: Facts, waiting: Waiting): readonly DueNotice[] => {
  const { inputs, entry } = waiting;
  const gate = gateOf(inputs.context.checklist, entry.gate);
  if (gate === undefined) return [];
  if (gate.id === incidentId) return unsent(entry, [incidentOpened(facts, waiting)]);
  const found = [
    ...rollbackNotices(facts, inputs, entry, gate),
    ...goWithdrawn(facts, waiting, gate),
    ...t0Missed(facts, waiting, gate),
    ...approvalsOpen(facts, waiting, gate),
    ...recalls(facts, waiting, gate),
    ...changesRequested(facts, waiting, gate),
    ...deploymentFailed(facts, waiting),
    ...gateBlocked(facts, waiting, gate),
    ...attestationsDue(facts, waiting, gate),
  ];
  return unsent(entry, found);
};

/** Nobody gets it again; a person whose mail was not accepted gets it later. */
const unsent = ({ notified }: Entry, found: readonly DueNotice[]): readonly DueNotice[] =>
  found.flatMap((due) => {
    const reached = new Set(notified.filter(({ event }) => event.data.notice === due.notice).flatMap(({ event }) => event.data.people));
    const people = due.people.filter(({ id }) => !reached.has(id));
    return people.length === 0 ? [] : { ...due, people };
  });

const incidentOpened = (facts: Facts, { inputs: { context, gates }, entry }: Waiting): DueNotice => {
  const { interrupted } = entry.opened.event.data;
  const reason = interrupted === null ? null : whyStopped(facts, gates, interrupted);
  return {
    notice: 'incident',
    claim: 'incident',
    people: recipientsOf(facts, context, 'incident-opened'),
    write: ({ name, roles }) => ({
      kind: 'incident-opened',
      ...headOf(facts, context),
      name,
      gateTitle: interrupted === null ? 'the start' : titleOf(context, interrupted),
      reason,
      decides: roles.includes('operations-lead'),
    }),
  };
};

/** The run came back from the T0 gate. The owners are those of the checks that are not satisfied now. */
const goWithdrawn = (facts: Facts, { inputs, entry }: Waiting, gate: Gate): readonly DueNotice[] => {
  const { context, gates } = inputs;
  const back = returnBefore(gates, entry);
  const owners = unsatisfiedFindings(gate.id, inputs).flatMap(({ check }) => itemOf(context.checklist, check)?.owner ?? []);
  return back === undefined
    ? []
    : [
        {
          notice: 'go-withdrawn',
          claim: 'go-withdrawn',
          people: recipientsOf(facts, context, 'go-withdrawn', owners),
          write: ({ name }) => ({
            kind: 'go-withdrawn',
            ...headOf(facts, context),
            name,
            gateTitle: gate.title,
            reasons: [asMailed(facts, back.event.data.reason)],
          }),
        },
      ];
};

const t0Missed = (facts: Facts, { inputs: { context, now } }: Waiting, gate: Gate): readonly DueNotice[] =>
  missedT0(context, gate, now) === undefined
    ? []
    : [
        {
          notice: `t0-missed/${context.plannedT0}`,
          claim: 't0-missed',
          people: recipientsOf(facts, context, 't0-missed'),
          write: ({ name, zone }) => ({
            kind: 't0-missed',
            ...headOf(facts, context),
            name,
            plannedT0: localInstant(context.plannedT0, { zone }),
            gateTitle: gate.title,
          }),
        },
      ];

/** People who answer get a link of their own (`request-approvals.ts`); the others see that somebody is asked. */
const approvalsOpen = (facts: Facts, { inputs, entry }: Waiting, gate: Gate): readonly DueNotice[] => {
  const round = currentRound(foldRounds(inputs.approval, visitOf(entry)));
  if (round === undefined || !isOpenRound(round)) return [];
  const expires = entry.opened.event.data.due;
  return [
    {
      notice: `approvals-open/${visitOf(entry)}/${round.round}`,
      claim: 'approvals-open',
      people: recipientsOf(facts, inputs.context, 'approvals-open'),
      write: ({ name, zone }) => ({
        kind: 'approvals-open',
        ...headOf(facts, inputs.context),
        name,
        gateTitle: gate.title,
        roles: gate.asks,
        expires: localInstant(expires, { zone }),
        round: round.round,
      }),
    },
  ];
};

/** Everybody who was asked learns that nothing has to be answered, in the conversation that asked. */
const recalls = (facts: Facts, { inputs, entry }: Waiting, gate: Gate): readonly DueNotice[] =>
  foldRounds(inputs.approval, visitOf(entry)).flatMap((round): readonly DueNotice[] => {
    const recalled = round.recalled?.event;
    if (recalled === undefined) return [];
    const newer = recalled.type === 'approval.overtaken' ? recalled.data.by : null;
    const channels = recipientsOf(facts, inputs.context, 'approval-recalled');
    const asked = [...new Set(round.requests.map(({ event }) => event.data.person))].filter((id) => id !== recalled.data.by);
    return [
      {
        notice: `recalled/${recalled.id}`,
        claim: `recalled/${recalled.id}`,
        people: [...asked.flatMap((id) => facts.roster.person(id) ?? []), ...channels],
        follows: ({ id }) => round.mailed.filter(({ event }) => event.data.person === id).map(({ event }) => event.data.message),
        write: ({ name, zone }) => ({
          kind: 'approval-recalled',
          ...headOf(facts, inputs.context),
          name,
          gateTitle: gate.title,
          by: newer === null ? nameOf(facts, recalled.data.by) : null,
          newer,
          at: localInstant(recalled.at, { zone }),
          round: round.round,
        }),
      },
    ];
  });

/** The person who requested the changes knows of them. */
const changesRequested = (facts: Facts, { inputs, entry }: Waiting, gate: Gate): readonly DueNotice[] => {
  const { context } = inputs;
  const answers = foldRounds(inputs.approval, visitOf(entry)).flatMap((round) => round.answers);
  const owners = gate.reports.flatMap((id) => checksOf(context.checklist, id)).map(({ owner }) => owner);
  return answers
    .filter(({ event }) => event.data.answer === 'changes-requested')
    .map(({ event: { id, at, data } }) => ({
      notice: `changes-requested/${id}`,
      claim: `changes-requested/${id}`,
      people: recipientsOf(facts, context, 'changes-requested', owners).filter((person) => person.id !== data.person),
      write: ({ name, zone }) => ({
        kind: 'changes-requested',
        ...headOf(facts, context),
        name,
        gateTitle: gate.title,
        by: nameOf(facts, data.person),
        role: data.role,
        at: localInstant(at, { zone }),
      }),
    }));
};

const failedDeployments = ({ context, deployment }: GateInputs) =>
  context.started.event.data.artifacts
    .map(({ component }) => lastReportOf(deployment, component))
    .filter((report) => report?.event.type === 'deployment.failed');

const deploymentFailed = (facts: Facts, { inputs }: Waiting): readonly DueNotice[] =>
  failedDeployments(inputs).flatMap((report) =>
    report === undefined
      ? []
      : {
          notice: `deployment-failed/${report.event.id}`,
          claim: `deployment-failed/${report.event.id}`,
          people: recipientsOf(facts, inputs.context, 'deployment-failed'),
          write: ({ name, zone }: Person) => ({
            kind: 'deployment-failed',
            ...headOf(facts, inputs.context),
            name,
            component: report.event.data.component,
            at: localInstant(report.event.at, { zone }),
          }),
        },
  );

/** Mails of their own tell of failed deployments, of requested changes and of a deadline. */
const gateBlocked = (facts: Facts, { inputs, entry, decision }: Waiting, gate: Gate): readonly DueNotice[] => {
  const { context } = inputs;
  // A decision has mails of its own.
  if (
    gate.role === 'decision' ||
    !decision.blocked ||
    decision.overdueSince !== null ||
    !isAfterT0(context, inputs.gates) ||
    failedDeployments(inputs).length > 0
  )
    return [];
  const blocking = blockingFindings(gate.id, inputs);
  const owners = blocking.flatMap(({ check }) => itemOf(context.checklist, check)?.owner ?? []);
  const reasons = blocking.map(({ title, verdict, reason }) => asMailed(facts, `${title}: ${verdict}, ${reason}`));
  const checks = blocking.map(({ check }) => check);
  const people = recipientsOf(facts, context, 'gate-blocked', owners);
  return [
    {
      notice: `blocked/${checks.join('+')}`,
      claim: 'blocked',
      people: untold(
        entry.notified.map(mailingOf),
        'blocked',
        people.map((person) => [person, checks]),
      ),
      write: ({ name }) => ({ kind: 'gate-blocked', ...headOf(facts, context), name, gateTitle: gate.title, reasons }),
    },
  ];
};
