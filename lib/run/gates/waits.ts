import { gateOf, itemOf } from '../../checklist/definition.ts';
import { incidentId, rollbackDecisionId } from '../../checklist/gates.ts';
import { supplyWayOf } from '../../checklist/supply-way.ts';
import type { RunWaits, StageFacts } from '../../ports.ts';
import { operatingRoles, profileRoles, signerRoles } from '../../roles.ts';
import { checksListing, lacksAuthors } from '../state/authors.ts';
import { unsatisfiedFindings } from '../state/current-findings.ts';
import { heldBy } from '../state/environment.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { profileBlocker } from '../state/registered-profiles.ts';
import { firstLooks } from './first-looks.ts';

type For = RunWaits['for'][number];

/** What an open gate waits for, for the list of runs: from what the decision was made of. Pure, and nothing is read for it. */
export const waitsOf = (stage: Pick<StageFacts, 'targets'>, inputs: GateInputs, entry: Entry): RunWaits => ({
  since: entry.opened.event.at,
  for: decidedBy(entry) ?? forOf(stage, inputs, entry),
});

/** Gates at which people decide have no checks. */
const decidedBy = ({ gate }: Entry): readonly For[] | undefined => {
  if (gate === incidentId) return [{ way: 'decision', roles: ['operations-lead'], checks: 0 }];
  return gate === rollbackDecisionId
    ? [{ way: 'decision', roles: [...new Set([...operatingRoles, ...signerRoles])], checks: 0 }]
    : undefined;
};

const forOf = (stage: Pick<StageFacts, 'targets'>, inputs: GateInputs, { gate }: Entry): readonly For[] => {
  const { context, holding, profile } = inputs;
  const groups = new Map<string, { way: string; roles: string[]; checks: number }>();
  const open = gateOf(context.checklist, gate);
  const authors = open !== undefined && lacksAuthors(inputs, open) ? checksListing(context.checklist) : [];
  for (const item of [...authors, ...unsatisfiedFindings(gate, inputs).flatMap(({ check }) => itemOf(context.checklist, check) ?? [])]) {
    const { way, roles } = supplyWayOf(item);
    const group = groups.get(way) ?? { way, roles: [], checks: 0 };
    groups.set(way, { way, roles: [...new Set([...group.roles, ...roles])], checks: group.checks + 1 });
  }
  const looks = open === undefined ? undefined : firstLooks(stage, inputs, open);
  const all = [
    ...(profileBlocker(context, profile, gate) === undefined ? [] : [{ way: 'profile', roles: [...profileRoles], checks: 0 }]),
    ...(looks === undefined ? [] : [{ way: 'look', roles: [], checks: looks.lines.length }]),
    ...[...groups.values()].sort((a, b) => b.checks - a.checks),
    ...(holding === null || heldBy(holding, context.run) === undefined ? [] : [{ way: 'environment', roles: [], checks: 0 }]),
  ];
  // With every check satisfied only a window, the planned T0 or a freeze keeps the gate.
  return all.length === 0 ? [{ way: 'time', roles: [], checks: 0 }] : all;
};
