import { isReview } from '../folds/follow-ups.ts';
import { operatingRoles, type Role, signerRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { decidingRole } from '../run/state/deputies.ts';
import { counted } from '../wording.ts';
import { attestableBy, attestPageOf } from './attestable.ts';
import { approvalsNow, hasEnded, incidentId, openGateOf, unlabelled } from './gate-state.ts';
import type { InboxItem } from './inbox-item.ts';
import type { Supply } from './supply.ts';
import type { GateView, RunView } from './view.ts';

type Person = Pick<PersonCaller, 'id' | 'roles'>;
/** `decidesFor`: the operations lead in whose stead the person may decide about a rollback now. */
type Material = { readonly run: RunView; readonly person: Person; readonly now: Date; readonly decidesFor: string | null };

/** What a run asks of a person now. Pure. */
export const inboxOfRun = (material: Material): readonly InboxItem[] => {
  const { run } = material;
  const open = openGateOf(run);
  return [
    ...(open === undefined ? [] : [...approvalsOf(material, open), ...checksOf(material, open), ...incidentOf(material, open)]),
    ...observationsOf(material),
    ...rollbackOf(material),
    ...followUpsOf(material),
  ];
};

type Said = Pick<InboxItem, 'id' | 'kind' | 'title' | 'since' | 'page' | 'command'> & Partial<InboxItem>;

const itemFrom = ({ run, service, environment, version, gates }: RunView, said: Said): InboxItem => ({
  detail: null,
  service,
  environment,
  run,
  version,
  gate: null,
  gateTitle: gates.find(({ id }) => id === said.gate)?.title ?? null,
  check: null,
  role: null,
  for: null,
  until: null,
  ...said,
});

const holds = ({ roles }: Person, wanted: readonly string[]): Role | undefined => roles.find((role) => wanted.includes(role));

const approvalsOf = ({ run, person, now }: Material, gate: GateView): readonly InboxItem[] =>
  approvalsNow(gate)
    .filter((one) => one.person === person.id && one.answer === null && !one.invalidated && !one.withdrawn && !one.recalled)
    .filter((one) => one.expires > now.toISOString())
    .map((one) =>
      itemFrom(run, {
        id: `approval/${run.run}/${gate.id}/${one.entry}/${one.round}/${one.role}`,
        kind: 'approval',
        title: `Answer the approval of ${gate.title}`,
        detail: 'The link in your mail opens the report and the form.',
        gate: gate.id,
        role: one.role,
        for: one.for,
        since: gate.openedAt ?? run.startedAt,
        until: one.expires,
        page: `/runs/${run.run}#gate-${gate.id}`,
        command: `holdpoint approvals ${run.run}`,
      }),
    );

const incidentOf = ({ run, person }: Material, gate: GateView): readonly InboxItem[] =>
  gate.id !== incidentId || holds(person, ['operations-lead']) === undefined
    ? []
    : [
        itemFrom(run, {
          id: `incident/${run.run}/${gate.openedAt}`,
          kind: 'incident',
          title: person.id === run.starter ? 'Decide the incident: end the run' : 'Decide the incident: resume the run, or end it',
          detail: gate.reasons[0] ?? null,
          gate: gate.id,
          role: 'operations-lead',
          since: gate.openedAt ?? run.startedAt,
          until: gate.due,
          page: `/runs/${run.run}/operating`,
          command: `holdpoint incident ${run.run} --${person.id === run.starter ? 'end' : 'resume'} --reason TEXT`,
        }),
      ];

/** The reviews wait until each bad observation is labelled. */
const observationsOf = ({ run, person }: Material): readonly InboxItem[] => {
  const open = unlabelled(run);
  const [first] = open;
  const may = holds(person, ['operations-lead']) !== undefined && person.id !== run.starter && !hasEnded(run);
  return first === undefined || !may
    ? []
    : [
        itemFrom(run, {
          id: `observation/${run.run}/${first.observation}`,
          kind: 'observation',
          title: `Label ${counted(open.length, 'bad observation')} of the release`,
          role: 'operations-lead',
          since: first.observedAt,
          page: `/runs/${run.run}/reviews`,
          command: `holdpoint label ${run.run} ${first.observation} --true-alarm --reason TEXT`,
        }),
      ];
};

/** Checks that a person supplies on their own: where Holdpoint waits for the pipeline, for mails or for itself, nobody is asked. */
const asks: Readonly<Partial<Record<Supply['way'], string>>> = {
  attestation: 'Attest',
  evidence: 'Send the evidence',
  comparison: 'Decide about an exception',
};

/** `gate`: the open one. What can be attested already of the next gates is asked for until this one is due, as the mail says. */
const checksOf = ({ run, person, now }: Material, gate: GateView): readonly InboxItem[] =>
  [...run.supplies, ...run.suppliesAhead].flatMap(({ check, way, roles, commands, after, from, page }) => {
    const of = [gate, ...run.gates].find(({ checks }) => checks.some((one) => one.check === check));
    const finding = of?.checks.find((one) => one.check === check);
    const [words, role, command] = [asks[way], holds(person, roles), commands[0]];
    // Evidence that is made now would not count.
    const isEarly = after !== null || (from !== null && now.toISOString() < from);
    if (of === undefined || finding === undefined || words === undefined || role === undefined || command === undefined || isEarly)
      return [];
    return itemFrom(run, {
      id: `check/${run.run}/${check}`,
      kind: 'check',
      title: `${finding.verdict === 'missing' || way === 'comparison' ? words : 'Mend'}: ${finding.title}`,
      detail: finding.reason,
      gate: of.id,
      check,
      role,
      since: gate.openedAt ?? run.startedAt,
      until: gate.due,
      page:
        way === 'attestation'
          ? attestPageOf(run.run, check, attestableBy(run, person.roles, now))
          : (page ?? `/runs/${run.run}/checks/${check}`),
      command,
    });
  });

const rollbackOf = (material: Material): readonly InboxItem[] => {
  const { run, person, decidesFor } = material;
  const waits = run.rollback?.waits ?? decisionAhead(run);
  if (waits === null || waits.for === 'function') return [];
  // Who started the run neither continues nor says what becomes of the data.
  const asked = person.id !== run.starter ? waits.roles : waits.for === 'data' ? [] : waits.roles.filter(isOperating);
  const own = holds(person, asked);
  const stead = own === undefined && waits.for === 'decision' ? decidesFor : null;
  const role = own ?? (stead === null ? undefined : decidingRole);
  if (role === undefined) return [];
  const page = `/runs/${run.run}/rollback`;
  const what = waits.for === 'step' ? stepAsked(run, waits.step) : waits.for === 'data' ? dataAsked(run) : decisionAsked(run, role);
  return [itemFrom(run, { ...what, detail: waits.reason, role, for: stead, since: waits.since, until: waits.silentAt, page })];
};

type Waits = NonNullable<NonNullable<RunView['rollback']>['waits']>;

/** A trigger can be decided before its gate has opened. */
const decisionAhead = ({
  rollback,
  rollbackTriggers,
}: RunView): Pick<Waits, 'for' | 'step' | 'reason' | 'roles' | 'since' | 'silentAt'> | null => {
  const [first] = rollback?.triggers ?? [];
  if (rollback == null || first === undefined || rollback.decision !== null || rollbackTriggers.length === 0) return null;
  const roles = [...operatingRoles, ...signerRoles];
  return { for: 'decision', step: null, since: first.at, reason: `the trigger ${first.title}`, roles, silentAt: null };
};

type Asked = Pick<InboxItem, 'id' | 'kind' | 'title' | 'command'>;

const decisionAsked = ({ run, version, rollback }: RunView, role: string): Asked => ({
  id: `rollback-decision/${run}/${(rollback?.continued ?? 0) + 1}`,
  kind: 'rollback-decision',
  title: `Decide now: roll ${version} back, or continue`,
  command: `holdpoint rollback-decision ${run} --decision ${isOperating(role) ? 'roll-back' : 'continue'} --reason TEXT`,
});

const dataAsked = ({ run, rollback }: RunView): Asked => ({
  id: `rollback-data/${run}/${(rollback?.continued ?? 0) + 1}`,
  kind: 'rollback-data',
  title: 'Decide whether the rollback restores the data or keeps it',
  command: `holdpoint rollback-data ${run} --keep --reason TEXT`,
});

const stepAsked = ({ run, rollback }: RunView, named: string | null): Asked => {
  const step = rollback?.steps.find(({ id }) => id === named);
  const { action = 'do', attempt = 1, by = '', answered = true } = step?.attempt ?? {};
  const isByHand = by === 'person' && !answered;
  if (rollback?.waits?.choices.join() === 'end')
    return {
      id: `rollback-step/${run}/${named}/end`,
      kind: 'rollback-step',
      title: `End the ${rollback.isDrill ? 'drill' : 'rollback'}, which cannot begin`,
      command: `holdpoint rollback-step ${run} ${named} --end --reason TEXT`,
    };
  return {
    id: `rollback-step/${run}/${named}/${action}/${attempt}`,
    kind: 'rollback-step',
    title: `${isByHand ? 'Carry out' : 'Retry, do by hand or end'} the step “${step?.title ?? named}” of the rollback`,
    command: isByHand
      ? `holdpoint rollback-step ${run} ${named} --done --attempt ${attempt}${action === 'undo' ? ' --undo' : ''}`
      : `holdpoint rollback-step ${run} ${named} --retry --reason TEXT`,
  };
};

const isOperating = (role: string): boolean => (operatingRoles as readonly string[]).includes(role);

const followUpsOf = ({ run, person }: Material): readonly InboxItem[] =>
  run.followUps.flatMap((one) => {
    const reviews = isReview(one);
    const role = one.answer !== null || one.usedBy.includes(person.id) ? undefined : holds(person, reviews ? signerRoles : operatingRoles);
    if (role === undefined) return [];
    return itemFrom(run, {
      id: `follow-up/${run.run}/${one.id}`,
      kind: 'follow-up',
      title: one.title,
      role,
      since: one.openedAt,
      until: one.dueAt,
      page: `/runs/${run.run}/rollback`,
      command: `holdpoint follow-up ${run.run} ${reviews ? `${one.id} --justified` : '--cause'} TEXT`,
    });
  });
