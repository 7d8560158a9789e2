import { evidenceOf } from '../checklist/builders.ts';
import { type Checklist, checksOf, gatesOf, type Item } from '../checklist/definition.ts';
import { kindOf, type Rule } from '../registry/rules.ts';
import { type Applied, misfit } from './applied.ts';
import type { Misfit } from './read.ts';
import type { OwnCheck, Profile } from './schema.ts';

/** Each own check stands behind the other checks of its gate. */
export const withOwnChecks = (checklist: Checklist, { checks = [] }: Profile): Applied => {
  const misfits = checks.flatMap((check, place) => misfitsOf(checklist, checks, check, place));
  const items = misfits.length > 0 ? checklist.items : checks.reduce(withOne, checklist.items);
  return { checklist: { ...checklist, items: [...items] }, misfits };
};

const withOne = (items: readonly Item[], check: OwnCheck): readonly Item[] => {
  const last = items.findLastIndex(({ gate }) => gate === check.gate);
  const phase = items[last]?.phase ?? null;
  return items.toSpliced(last + 1, 0, itemFrom(check, phase));
};

const itemFrom = (check: OwnCheck, phase: Item['phase']): Item => ({
  kind: 'check',
  phase,
  group: 'own-checks',
  words: check.title,
  controls: [],
  maxAgeSeconds: null,
  source: 'profile',
  mode: 'required',
  scope: 'run',
  after: null,
  waivable: true,
  optional: false,
  ...check,
});

const misfitsOf = (checklist: Checklist, all: readonly OwnCheck[], check: OwnCheck, place: number): readonly Misfit[] => {
  const at = (member: string, message: string): Misfit => misfit(['checks', place, member], message);
  const found: Misfit[] = [];
  if (checklist.items.some(({ id }) => id === check.id))
    found.push(at('id', `the document has a check ${check.id}: an own check needs another id`));
  if (all.findIndex(({ id }) => id === check.id) < place) found.push(at('id', `two checks have the id ${check.id}`));
  const gates = openGates(checklist);
  if (!gates.includes(check.gate))
    found.push(at('gate', `the gate ${check.gate} takes no checks of a service; these do: ${gates.join(', ')}`));
  else if (check.after !== undefined && !isAfterDeployment(checklist, check.gate))
    found.push(at('after', `the gate ${check.gate} is passed before ${check.after}`));
  return [...found, ...ruleMisfits(check, place)];
};

/** The gates that judge more than signatures: to the others belong nothing but people's answers. */
const openGates = (checklist: Checklist): readonly string[] =>
  gatesOf(checklist).flatMap(({ id }) => (checksOf(checklist, id).some(({ kind }) => kind !== 'sign-off') ? [id] : []));

const isAfterDeployment = (checklist: Checklist, gate: string): boolean => {
  const gates = gatesOf(checklist);
  return gates.findIndex(({ id }) => id === gate) >= gates.findIndex(({ role }) => role === 'deployment');
};

/** A service proves its own checks by evidence or by people's words. What Holdpoint computes about a run belongs to the document's checks. */
const ruleMisfits = ({ rule, owner, ...check }: OwnCheck, place: number): readonly Misfit[] => {
  const { basis } = kindOf(rule);
  const path = ['checks', place, 'rule'];
  if (evidenceOf({ rule } as Item).length === 0)
    return [
      misfit(
        [...path, 'kind'],
        `${rule.kind} judges no evidence: an own check of a service is proved by a report, a record or an attestation`,
      ),
    ];
  const role = (rule as { readonly role?: string }).role;
  const owned =
    basis === 'attested' && role !== owner
      ? [misfit([...path, 'role'], `the owner ${owner} of ${check.id} attests it, and not the ${role}`)]
      : [];
  return [...owned, ...figureMisfits(rule, path)];
};

/** Figures that would let everything pass. */
export const figureMisfits = (rule: Rule, path: Misfit['path']): readonly Misfit[] => {
  const { bounds } = kindOf(rule);
  return figuresOf(rule).flatMap(([name, figure]) => outOfBounds([...path, name], figure, bounds[name] ?? {}));
};

const figuresOf = (rule: Rule): readonly (readonly [string, number])[] =>
  Object.entries(rule).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : []));

const outOfBounds = (
  path: Misfit['path'],
  figure: number,
  { least, most }: { readonly least?: number; readonly most?: number },
): readonly Misfit[] => {
  if (least !== undefined && figure < least) return [misfit(path, `${figure} lets everything pass; at least ${least} is expected`)];
  if (most !== undefined && figure > most) return [misfit(path, `${figure} lets everything pass; at most ${most} is expected`)];
  return [];
};
