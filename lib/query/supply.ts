import * as z from 'zod';
import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import type { Immutable } from '../fields.ts';
import { kindOf } from '../registry/rules.ts';
import { operatingRoles, type Role } from '../roles.ts';
import { attestingRole } from '../rules/attested.ts';
import { suppliers } from '../rules/kind.ts';
import { isUnsatisfied } from '../verdict.ts';
import { isOpen } from './gate-state.ts';
import type { Finding, GateView, RunView } from './view.ts';

/** `evidence`: a report that somebody sends; `look`: Holdpoint looks itself; `nobody`: nothing is judged. The others as rules name them. */
export const supplyWays = ['attestation', 'evidence', 'look', 'nobody', ...suppliers] as const;

/** More commands than anybody copies from a list: a release may have many components. */
const mostCommands = 6;

export const supplySchema = z.object({
  check: z.string(),
  way: z.enum(supplyWays).meta({ description: 'What supplies the check.' }),
  roles: z.array(z.string()).meta({ description: 'Whose it is: any of these roles. Empty where no person supplies it.' }),
  wants: z.string().meta({ description: 'What is needed, in words; empty where the way says it.' }),
  commands: z.array(z.string()).meta({
    description: `What supplies it on the command line, ${mostCommands} at most: one for each component where each needs its own.`,
  }),
  commandsLeftOut: z.number().default(0),
  page: z.string().nullable().meta({ description: 'Path of the page where a person supplies it; null where it is not done on a page.' }),
  checks: z.array(z.string()).meta({ description: 'The other checks from which it follows.' }),
  after: z
    .string()
    .nullable()
    .meta({ description: 'What must have happened first: what is made before it does not count. Null: nothing.' }),
  from: z.string().nullable().default(null).meta({ description: 'From when it can be supplied, where that is later; else null.' }),
});
export type Supply = Immutable<z.infer<typeof supplySchema>>;

type Of = Pick<RunView, 'run' | 'service' | 'environment' | 'commit' | 'artifacts' | 'deployments'>;

/**
 * The exact thing that supplies a check of a run, and whose it is. The card of the run, the page of the check, the inbox and the API say the
 * same, because this is where it is said. `from`: the gate's window before T0 opens then.
 */
export const supplyOf = (item: Item, run: Of, from: string | null = null): Supply => {
  const { commands, ...ways } = waysOf(item, run);
  return {
    check: item.id,
    roles: [],
    wants: '',
    page: null,
    checks: [],
    after: missingBefore(item, run),
    from,
    ...ways,
    commands: commands.slice(0, mostCommands),
    commandsLeftOut: Math.max(0, commands.length - mostCommands),
  };
};

type Ways = Pick<Supply, 'way' | 'commands'> & Partial<Supply>;

const waysOf = (item: Item, run: Of): Ways => {
  const { id, owner, rule, needs } = item;
  if (rule === null) return { way: 'nobody', commands: [] };
  const attesting = attestingRole(rule);
  if (attesting !== undefined)
    return {
      way: 'attestation',
      roles: [attesting],
      page: `/runs/${run.run}/checks/${id}#attest`,
      commands: [`holdpoint attest ${run.run} ${id} --statement TEXT`],
    };
  const kind = kindOf(rule);
  if (needs !== undefined) return { way: 'look', wants: needs, commands: [] };
  if (kind.evidence !== null)
    return { way: 'evidence', roles: [owner], wants: kind.wants(rule), commands: evidenceCommands(item, kind.evidence, run) };
  return computed[kind.supplier ?? 'checks'](item, run, {
    series: kind.drawn(rule)?.series ?? [],
    checks: kind.refersTo(rule),
  });
};

const evidenceCommands = ({ scope }: Item, type: string, { run, commit, artifacts }: Of): readonly string[] => {
  const send = `holdpoint evidence ${run} FILE --type ${type} --commit ${commit}`;
  return scope === 'artifact' ? artifacts.map(({ component, digest }) => `${send} --component ${component} --artifact ${digest}`) : [send];
};

type Refers = { readonly series: readonly string[]; readonly checks: readonly string[] };

const computed: Readonly<Record<(typeof suppliers)[number], (item: Item, run: Of, refers: Refers) => Ways>> = {
  signatures: ({ owner, gate }, { run }) => ({
    way: 'signatures',
    roles: [owner],
    page: `/runs/${run}#gate-${gate}`,
    commands: [`holdpoint approvals ${run}`],
  }),
  deployment: (_, run) => ({ way: 'deployment', commands: deploymentCommands(run) }),
  alarms: ({ owner }) => ({ way: 'alarms', roles: [owner], commands: [] }),
  labels: (_, { run }) => ({ way: 'labels', roles: ['operations-lead'] satisfies Role[], page: `/runs/${run}/reviews`, commands: [] }),
  series: ({ owner }, { run, commit }, { series }) => ({
    way: 'series',
    roles: [owner],
    wants: series.length === 0 ? 'a series' : `a series with the name ${series.join(' or ')}`,
    commands: [`holdpoint evidence ${run} FILE --type series --commit ${commit}`],
  }),
  notices: () => ({ way: 'notices', commands: [] }),
  target: (_, { service, environment }) => ({
    way: 'target',
    roles: ['operations-lead', 'technical-lead'] satisfies Role[],
    commands: [`holdpoint target adopt ${service} --environment ${environment} --version VERSION --component NAME=sha256:…@REFERENCE`],
  }),
  drill: ({ owner }, { service }) => ({
    way: 'drill',
    roles: [owner],
    commands: [
      `holdpoint drill ${service} --environment STAGING --from VERSION --now NAME=DIGEST --to VERSION --back NAME=DIGEST@REFERENCE --commit COMMIT`,
    ],
  }),
  explanations: (_, { service, environment }) => ({
    way: 'explanations',
    roles: [...operatingRoles],
    page: '/inbox',
    commands: [`holdpoint environment explain ${service} --environment ${environment} --change EVENT --reason TEXT`],
  }),
  rollback: (_, { run }) => ({ way: 'rollback', roles: [...operatingRoles], page: `/runs/${run}/rollback`, commands: [] }),
  checks: (_, __, { checks }) => ({ way: 'checks', checks: [...checks], commands: [] }),
};

/** Of each component the report that comes next; nothing where all are reported as finished. */
const deploymentCommands = ({ run, environment, artifacts, deployments }: Of): readonly string[] =>
  artifacts.flatMap(({ component, digest }) => {
    const last = deployments.findLast((one) => one.component === component)?.state;
    const state = last === 'started' ? 'finished' : 'started';
    return last === 'finished'
      ? []
      : [`holdpoint deployment ${run} --state ${state} --environment ${environment} --component ${component} --digest ${digest}`];
  });

/** The event after which evidence counts, while a component still lacks it. */
const missingBefore = ({ after, rule }: Item, { artifacts, deployments }: Of): string | null => {
  const isMeasured = rule !== null && kindOf(rule).supplier === 'series';
  const event = after ?? (isMeasured ? 'deployment.finished' : null);
  const has = (component: string): boolean => deployments.some((one) => one.component === component && `deployment.${one.state}` === event);
  return event === null || artifacts.every(({ component }) => has(component)) ? null : event;
};

/** The checks that the open gate waits for: its own, and those of earlier gates that it judges again, which its reasons name. */
export const openChecks = (gates: readonly GateView[], open: GateView): readonly Finding[] => [
  ...gates
    .filter(({ state }) => state === 'passed')
    .flatMap(({ checks }) => checks.filter(isUnsatisfied))
    .filter(({ title }) => open.reasons.some((reason) => reason.replace(/^re-opened: /, '').startsWith(`${title}: `))),
  ...open.checks.filter(isUnsatisfied),
];

/** What supplies each check for which a run waits. `from`: when the window of the open gate opens, where that is later. */
export const suppliesOf = (checklist: Checklist, run: Of & Pick<RunView, 'gate' | 'gates'>, from: string | null): readonly Supply[] => {
  const open = run.gates.find((gate) => gate.id === run.gate && isOpen(gate));
  return open === undefined
    ? []
    : openChecks(run.gates, open).flatMap(({ check }) => {
        const item = itemOf(checklist, check);
        return item === undefined ? [] : [supplyOf(item, run, from)];
      });
};
