import type { RecordFacts } from '../../lib/evidence/record.ts';
import type { recordKinds } from '../../lib/evidence/records/index.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence, type Rule } from '../../lib/registry/rules.ts';

export type Json = Record<string, unknown>;
export type Id = (typeof recordKinds)[number]['id'];

export const parsed = (document: unknown) => parseEvidence('record', new TextEncoder().encode(JSON.stringify(document)));
export const factsOf = (document: unknown): RecordFacts => {
  const read = parsed(document);
  if (read.refused) throw new Error(`${read.refused.detail} ${read.refused.got}`);
  return read.ok as RecordFacts;
};
export const ruleOf = (id: string, parameters: Json = {}): Rule =>
  ({ kind: `${id}-record/1`, evidence: 'record', ...parameters }) as unknown as Rule;
export const judged = (document: Json, parameters: Json = {}) =>
  judgeEvidence(ruleOf(String(document.schema).replace(/^holdpoint\.|\/1$/g, ''), parameters), factsOf(document));

/** The record with the member at a path changed; an undefined element of a list is left out. */
export function changed(path: string, value: unknown): (record: Json) => unknown {
  return (record) => {
    const copy = structuredClone(record);
    const names = path.split('.');
    const last = names.pop() ?? '';
    const parent = names.reduce<Json>((at, name) => at[name] as Json, copy);
    if (value === undefined && Array.isArray(parent)) parent.splice(Number(last), 1);
    else parent[last] = value;
    return JSON.parse(JSON.stringify(copy));
  };
}
