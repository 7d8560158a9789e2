import type { Role } from '../roles.ts';
import type { Gate, GateId, Item } from './definition.ts';
import { type ComputedRule, type EvidenceRule, isEvidenceRule, type Rule } from './rule.ts';

/** Builders that keep an entry as short as the page it comes from. What is said nowhere is the default here. */
type Entry = Pick<Item, 'id' | 'group' | 'words' | 'title' | 'owner' | 'proof' | 'rule'> & Partial<Item>;

const item = (said: Entry, place: Pick<Item, 'kind' | 'phase' | 'gate'>): Item => ({
  controls: [],
  maxAgeSeconds: null,
  source: 'document',
  mode: 'required',
  scope: 'run',
  after: null,
  waivable: true,
  optional: false,
  ...place,
  ...said,
});

/** A check of one of the five phases. */
export const check = (phase: 1 | 2 | 3 | 4 | 5, gate: GateId, said: Entry): Item => item(said, { kind: 'check', phase, gate });

export const criterion = (kind: 'success' | 'stability' | 'review', gate: GateId, said: Entry): Item =>
  item(said, { kind, phase: null, gate });

/** A signature: asked by mail, given by one person of the role, never waived. */
export const signature = (gate: GateId, said: Omit<Entry, 'rule' | 'proof' | 'owner'> & { readonly role: Role }): Item => {
  const { role, ...rest } = said;
  return item(
    {
      ...rest,
      owner: role,
      proof: `The ${role} signs the gate report, freshly signed in and invited in that role.`,
      rule: { kind: 'signed/1', role },
      waivable: false,
    },
    { kind: 'sign-off', phase: null, gate },
  );
};

export const trigger = (id: string, words: string): Item =>
  item(
    {
      id,
      group: 'trigger-conditions',
      words,
      title: words,
      owner: 'operations-lead',
      proof: 'A person declares it with a reason; the first one wins.',
      rule: null,
      controls: ['SOC 2 CC7.4'],
      waivable: false,
    },
    { kind: 'trigger', phase: null, gate: null },
  );

const day = 86_400;

export const gate = (id: GateId, title: string, said: Partial<Gate>): Gate => ({
  id,
  title,
  deadlineSeconds: 14 * day,
  onDeadline: 'expired',
  onRejected: 'end',
  asks: [],
  reports: [],
  window: null,
  leadSeconds: null,
  needs: null,
  rejudges: false,
  watchesObservations: false,
  ...said,
});

type RuleOf<K extends Rule['kind']> = Extract<Rule, { kind: K }>;
type Parameters<K extends Rule['kind']> = Omit<RuleOf<K>, 'kind'>;
const rule =
  <K extends EvidenceRule['kind'] | ComputedRule['kind']>(kind: K) =>
  (parameters: Parameters<K>): RuleOf<K> =>
    ({ kind, ...parameters }) as RuleOf<K>;

/** Rule constructors: a parameter of another kind, or a misspelt evidence type, does not compile. */
export const junitPasses = rule('junit-passes/1');
export const coverageAtLeast = rule('coverage-at-least/1');
export const sarifClean = rule('sarif-clean/1');
export const openapiDocumented = rule('openapi-documented/1');
export const sbomComplete = rule('sbom-complete/1');
export const loadPasses = rule('load-passes/1');
export const seriesCovers = rule('series-covers/1');
export const noticeSent = rule('notice-sent/1');
export const checksSatisfied = rule('checks-satisfied/1');
export const noOpenObservations = rule('no-open-observations/1');
export const alarmsLabelled = rule('alarms-labelled/1');
export const deployed: Rule = { kind: 'deployed/1' };
export const attested = (role: Role): Rule => ({ kind: 'attested/1', evidence: 'attestation', role });

/** A check proved by a person's word: owner and attesting role are one. */
export const attestedBy = (role: Role, said: Omit<Entry, 'rule' | 'owner' | 'proof'> & { readonly proof?: string }): Entry => ({
  proof: `The ${role} attests it in their own words.`,
  ...said,
  owner: role,
  rule: attested(role),
});

export const evidenceOf = (one: Item): string[] => (one.rule !== null && isEvidenceRule(one.rule) ? [one.rule.evidence] : []);
