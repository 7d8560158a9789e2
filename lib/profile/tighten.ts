import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import { kindOf, ruleSchema } from '../registry/rules.ts';
import { stricterIs } from '../rules/kind.ts';
import { schemaWords } from '../schema-words.ts';
import { type Applied, changing, inTurn, misfit, misnamed } from './applied.ts';
import type { Misfit } from './read.ts';
import type { Profile } from './schema.ts';

/** Stricter figures. They need no reason and no approval of their own, so a figure that is not stricter is refused. */
export const tightened = (checklist: Checklist, { tighten = {} }: Profile): Applied =>
  inTurn(
    checklist,
    Object.entries(tighten).flatMap(([id, figures]) => Object.entries(figures).map(([parameter, figure]) => ({ id, parameter, figure }))),
    (before, { id, parameter, figure }) => {
      const item = itemOf(before, id);
      if (item === undefined || item.gate === null || item.rule === null) return misnamed(['tighten', id], `no gate judges a check ${id}`);
      const stricter = withFigure(item, parameter, figure);
      return 'path' in stricter ? stricter : changing(before, [stricter]);
    },
  );

/** The item with the figure, or why it cannot have it. A limit that the rule knows and that was not set may be set: that is stricter, too. */
const withFigure = (item: Item, parameter: string, figure: number): Item | Misfit => {
  const { rule, id } = item;
  const path = ['tighten', id, parameter];
  const bounds = rule === null ? {} : kindOf(rule).bounds;
  const bound = Object.hasOwn(bounds, parameter) ? bounds[parameter] : undefined;
  if (bound === undefined)
    return misnamed(path, `${id} has no figure ${parameter}; its figures are: ${Object.keys(bounds).join(', ') || 'none'}`);
  const direction = stricterIs(parameter, bound);
  if (direction === undefined) return misnamed(path, `of ${parameter} neither a larger nor a smaller figure is always stricter`);
  const now = (rule as Readonly<Record<string, unknown>>)[parameter];
  if (typeof now === 'number' && (direction === 'larger' ? figure <= now : figure >= now))
    return misfit(path, `${figure} is not stricter than ${now}: a ${direction} figure is. To loosen it, write a deviation with its reason`);
  const read = ruleSchema.safeParse({ ...rule, [parameter]: figure }, { reportInput: true });
  if (read.success) return { ...item, rule: read.data };
  const [issue] = read.error.issues;
  return misfit(path, issue === undefined ? 'the rule cannot have this figure' : schemaWords(issue));
};
