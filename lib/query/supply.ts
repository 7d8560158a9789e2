import * as z from 'zod';
import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import { type SupplyWay, supplyWayOf, supplyWays } from '../checklist/supply-way.ts';
import { lastRelease } from '../evaluation/own-subjects.ts';
import type { Immutable } from '../fields.ts';
import { kindOf } from '../registry/rules.ts';
import { asksForAuthors } from '../run/state/authors.ts';
import { isUnsatisfied, satisfies } from '../verdict.ts';
import { isOpen } from './gate-state.ts';
import type { Finding, GateView, RunView } from './view.ts';

/** More commands than anybody copies from a list: a release may have many components. */
const mostCommands = 6;

const supplySchema = z.object({
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
export const suppliesSchema = z.array(supplySchema).default([]);
export type Supply = Immutable<z.infer<typeof supplySchema>>;

type Of = Pick<RunView, 'run' | 'service' | 'environment' | 'commit' | 'artifacts' | 'deployments'>;

/** Every report passes by itself, and the last release has none with which they could be compared: another report would change nothing. */
const lacksComparison = ({ rule }: Item, { subjects }: Pick<Finding, 'subjects'>): boolean =>
  rule !== null &&
  kindOf(rule).compares(rule) === 'tests' &&
  subjects.some(({ subject, verdict }) => subject === lastRelease && verdict === 'inconclusive') &&
  subjects.every(({ subject, verdict }) => subject === lastRelease || satisfies(verdict));

/**
 * The exact thing that supplies a check of a run, and whose it is. The card of the run, the page of the check, the inbox and the API say the
 * same, because this is where it is said. `from`: the gate's window before T0 opens then. `finding`: how it is judged now.
 */
export const supplyOf = (
  item: Item,
  run: Of,
  { from = null, finding }: { from?: string | null; finding?: Finding | undefined } = {},
): Supply => {
  const usual = supplyWayOf(item);
  const way = usual.way === 'evidence' && finding !== undefined && lacksComparison(item, finding) ? 'comparison' : usual.way;
  const { roles } = usual;
  const { commands = [], ...more } = details[way]?.(item, run) ?? {};
  return {
    check: item.id,
    way,
    roles: [...roles],
    wants: '',
    page: null,
    checks: [],
    after: missingBefore(item, run),
    from,
    ...more,
    commands: commands.slice(0, mostCommands),
    commandsLeftOut: Math.max(0, commands.length - mostCommands),
  };
};

/** What supplies it in that way: by default nobody sends or decides anything. */
const details: Readonly<Partial<Record<SupplyWay, (item: Item, run: Of) => Partial<Supply>>>> = {
  attestation: ({ id }, { run }) => ({
    page: `/runs/${run}/checks/${id}#attest`,
    commands: [`holdpoint attest ${run} ${id} --statement TEXT`],
  }),
  look: ({ needs = '' }) => ({ wants: needs }),
  comparison: ({ id }, { run, service, environment }) => ({
    page: `/runs/${run}/checks/${id}#waive`,
    commands: [
      `holdpoint waive ${run} ${id} --until INSTANT --reason TEXT`,
      'holdpoint baseline FILE --reason TEXT --valid-days 30',
      `holdpoint evidence --service ${service} --environment ${environment} baseline.record.json --type record`,
    ],
  }),
  evidence: (item, run) => ({ wants: wantsOf(item), commands: evidenceCommands(item, run) }),
  series: ({ rule }, { run, commit }) => {
    const series = rule === null ? [] : (kindOf(rule).drawn(rule)?.series ?? []);
    return {
      wants: series.length === 0 ? 'a series' : `a series with the name ${series.join(' or ')}`,
      commands: [`holdpoint evidence ${run} ${series[0] ?? 'FILE'}.series.json --type series --commit ${commit}`],
    };
  },
  signatures: ({ gate }, { run }) => ({ page: `/runs/${run}#gate-${gate}`, commands: [`holdpoint approvals ${run}`] }),
  deployment: (_, run) => ({ commands: deploymentCommands(run) }),
  labels: (_, { run }) => ({ page: `/runs/${run}/reviews` }),
  target: (_, { service, environment }) => ({
    commands: [`holdpoint target adopt ${service} --environment ${environment} --version VERSION --component NAME=sha256:…@REFERENCE`],
  }),
  drill: (_, { service }) => ({
    commands: [
      `holdpoint drill ${service} --environment STAGING --from VERSION --now NAME=DIGEST --to VERSION --back NAME=DIGEST@REFERENCE --commit COMMIT`,
    ],
  }),
  explanations: (_, { service, environment }) => ({
    page: '/inbox',
    commands: [`holdpoint environment explain ${service} --environment ${environment} --change EVENT --reason TEXT`],
  }),
  rollback: (_, { run }) => ({ page: `/runs/${run}/rollback` }),
  checks: ({ rule }) => ({ checks: rule === null ? [] : [...kindOf(rule).refersTo(rule)] }),
};

const wantsOf = ({ rule }: Item): string => (rule === null ? '' : kindOf(rule).wants(rule));

const evidenceCommands = ({ scope, rule }: Item, { run, commit, artifacts }: Of): readonly string[] => {
  const [file, type] = rule === null ? ['FILE', ''] : [kindOf(rule).file(rule), kindOf(rule).evidence];
  const send = `holdpoint evidence ${run} ${file} --type ${type} --commit ${commit}`;
  return scope === 'artifact' ? artifacts.map(({ component, digest }) => `${send} --component ${component} --artifact ${digest}`) : [send];
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
  // What tells it is a check of its own, which the same list names.
  if (after === 'staging.deployed') return null;
  const isMeasured = rule !== null && kindOf(rule).supplier === 'series';
  const event = after ?? (isMeasured ? 'deployment.finished' : null);
  const has = (component: string): boolean => deployments.some((one) => one.component === component && `deployment.${one.state}` === event);
  return event === null || artifacts.every(({ component }) => has(component)) ? null : event;
};

/**
 * The checks that the open gate waits for: its own, and those of other gates that its reasons name, as it judges earlier ones again. The record that
 * says who wrote the release is asked for whatever its check itself says, also where that one is waived or observed.
 */
export const openChecks = (gates: readonly GateView[], open: GateView): readonly Finding[] => {
  const wantsAuthors = (check: Finding): boolean => open.reasons.some((reason) => asksForAuthors(reason, check));
  return [
    ...gates
      .filter(({ id }) => id !== open.id)
      .flatMap(({ checks }) => checks.filter((check) => isUnsatisfied(check) || wantsAuthors(check)))
      .filter(({ title }) => !open.checks.some((own) => own.title === title))
      .filter(({ title }) => open.reasons.some((reason) => reason.replace(/^re-opened: /, '').startsWith(`${title}: `))),
    ...open.checks.filter((check) => isUnsatisfied(check) || wantsAuthors(check)),
  ];
};

/** What supplies each check for which a run waits. `from`: when the window of the open gate opens, where that is later. */
export const suppliesOf = (checklist: Checklist, run: Of & Pick<RunView, 'gate' | 'gates'>, from: string | null): readonly Supply[] => {
  const open = run.gates.find((gate) => gate.id === run.gate && isOpen(gate));
  return open === undefined
    ? []
    : openChecks(run.gates, open).flatMap((finding) => {
        const item = itemOf(checklist, finding.check);
        return item === undefined ? [] : [supplyOf(item, run, { from, finding })];
      });
};
