import { kindOf } from '../registry/rules.ts';
import type { Role } from '../roles.ts';
import { attested } from '../rules/attested.ts';
import { signed } from '../rules/signed.ts';
import type { GateId, Item } from './definition.ts';

/** Builders that keep an entry as short as the page that it comes from. Members that an entry leaves out get their default here. */
type Entry = Pick<Item, 'id' | 'group' | 'words' | 'title' | 'owner' | 'proof' | 'rule'> & Partial<Item>;

/** An exception is looked at again after a month. */
const longestWaiverSeconds = 30 * 86_400;

const item = (said: Entry, place: Pick<Item, 'kind' | 'phase' | 'gate'>): Item => ({
  controls: [],
  maxAgeSeconds: null,
  source: 'document',
  mode: 'required',
  scope: 'run',
  after: null,
  waivable: true,
  optional: false,
  ...(said.waivable === false ? {} : { maxWaiverSeconds: longestWaiverSeconds }),
  ...place,
  ...said,
});

/** `technical-lead` as a sentence says it. */
const inWords = (role: Role): string => role.replace('-', ' ');

/** A check of one of the five phases. */
export const check = (phase: 1 | 2 | 3 | 4 | 5, gate: GateId, said: Entry): Item => item(said, { kind: 'check', phase, gate });

export const criterion = (kind: 'success' | 'stability' | 'review', gate: GateId, said: Entry): Item =>
  item(said, { kind, phase: null, gate });

/** A sign-off: requested by mail, given by one person of the role, never waived. */
export const signature = (gate: GateId, said: Omit<Entry, 'rule' | 'proof' | 'owner'> & { readonly role: Role }): Item => {
  const { role, ...rest } = said;
  return item(
    {
      ...rest,
      owner: role,
      proof: `The ${inWords(role)} signs the gate report, freshly signed in and invited in that role.`,
      rule: signed.of({ role }),
      waivable: false,
    },
    { kind: 'sign-off', phase: null, gate },
  );
};

/** A trigger: declared by a person, or found by its rule in what machines measured and observed since the deployment. */
export const trigger = (id: string, words: string, measured: Pick<Item, 'rule' | 'proof' | 'declared'>): Item =>
  item(
    {
      id,
      group: 'trigger-conditions',
      words,
      title: words,
      owner: 'operations-lead',
      ...measured,
      controls: ['SOC 2 CC7.4'],
      waivable: false,
    },
    { kind: 'trigger', phase: null, gate: null },
  );

/** A step or a time target of the way back: measured, never waived. */
export const rollbackItem = (kind: 'step' | 'target', gate: GateId, said: Omit<Entry, 'owner'>): Item =>
  item({ controls: ['SOC 2 CC7.4', 'SOC 2 CC7.5'], waivable: false, ...said, owner: 'operations-lead' }, { kind, phase: null, gate });

/** A check proved by an attestation: the owner is the role that attests. */
export const attestedBy = (role: Role, said: Omit<Entry, 'rule' | 'owner' | 'proof'> & { readonly proof?: string }): Entry => ({
  proof: `The ${inWords(role)} attests it in their own words.`,
  ...said,
  owner: role,
  rule: attested.of({ role }),
});

/** The types of evidence that prove an item. */
export const evidenceOf = ({ rule, sources = [] }: Pick<Item, 'rule' | 'sources'>): string[] => [
  ...new Set([rule, ...sources.map((one) => one.rule)].flatMap((one) => (one === null ? [] : (kindOf(one).evidence ?? [])))),
];
