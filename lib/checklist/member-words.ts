import { descriptionOf } from '../registry/rules.ts';
import { chosen, listed, type ParameterWords, type TitleOf, valueInWords } from '../rules/parameter-words.ts';
import { durationWords, formatInstant } from '../wording.ts';
import type { Item } from './definition.ts';
import type { ListedMember } from './listing.ts';
import { type SomeRule, thresholdsOf, wordsOf } from './thresholds.ts';

/** How people read what a definition says of an item, and how it changes. */

type Source = NonNullable<Item['sources']>[number];

const rulesOf = ({ kind, ...rule }: SomeRule, titleOf: TitleOf): string =>
  [descriptionOf(kind) ?? kind, ...thresholdsOf({ kind, ...rule }, titleOf).map(({ text }) => text)].join(' ');

const asked: Readonly<Record<Source['asks'], string>> = {
  needed: 'needed, too',
  either: 'proves the same',
  beside: 'judged where it is sent',
};

const yes = (name: string, is: string, not: string): ParameterWords => ({ name, says: (value: boolean) => (value ? is : not), none: not });
const titled = (name: string, none: string): ParameterWords => ({ name, says: (id: string, titleOf) => titleOf(id), none });

const memberWords: Readonly<Record<ListedMember | 'evidence', ParameterWords>> = {
  id: listed('id'),
  kind: chosen('kind'),
  phase: { name: 'phase', says: String, none: 'no phase' },
  group: chosen('group'),
  gate: titled('gate', 'no gate'),
  words: listed('words of the document'),
  title: listed('title'),
  owner: chosen('owner'),
  proof: listed('how it is proved'),
  controls: listed('controls', 'none'),
  maxAgeSeconds: { name: 'evidence', says: (seconds: number) => `at most ${durationWords(seconds)} old`, none: 'no maximum age' },
  source: chosen('where it stands', { document: 'in the document', holdpoint: 'in Holdpoint', profile: 'in the profile' }),
  mode: chosen('mode', { observe: 'judged and shown only' }),
  observeUntil: { name: 'date after which it is required', says: formatInstant, none: 'no date' },
  rule: { name: 'what it asks', says: (rule: SomeRule, titleOf) => rulesOf(rule, titleOf), none: 'nothing is judged' },
  sources: {
    name: 'further evidence',
    says: ({ id, rule, asks, maxAgeSeconds }: Source, titleOf) =>
      `${id} (${asked[asks]}${maxAgeSeconds === undefined ? '' : `, at most ${durationWords(maxAgeSeconds)} old`}): ${rulesOf(rule, titleOf)}`,
    none: 'none',
  },
  scope: chosen('evidence is about', {
    artifact: 'each component',
    run: 'the run',
    service: 'the service, for all its runs',
    environment: 'the environment, for all runs there',
    team: 'the team, for all its runs',
  }),
  after: chosen(
    'evidence is made',
    {
      'deployment.started': 'after the deployment has started',
      'deployment.finished': 'after the deployment has finished',
      'staging.deployed': 'after the deployment in staging',
    },
    'at any time',
  ),
  waivable: yes('waivers', 'possible', 'not possible'),
  maxWaiverSeconds: { name: 'longest waiver', says: durationWords, none: 'no limit' },
  optional: yes('not applicable', 'may be declared', 'may not be declared'),
  unless: chosen('not applicable unless the release has', {}, 'anything'),
  shows: chosen('shows that the release has', {}, 'nothing'),
  tells: chosen('tells since when', { 'staging.deployed': 'staging runs the release' }, 'nothing'),
  evidence: listed('types of evidence', 'none'),
};

export type Change = { readonly member: string; readonly from: unknown; readonly to: unknown };
/** The rule of the item on each side. */
export type Sides = { readonly before: SomeRule | null; readonly after: SomeRule | null; readonly titleOf: TitleOf };

/** A change in words with units: "evidence: no maximum age → at most 1 hour old". Of two lists only what differs: most members are the same. */
export const changeInWords = ({ member, from, to }: Change, { before, after, titleOf }: Sides): string => {
  if (member === 'rule.kind') return `what it asks: ${kindInWords(from)} → ${kindInWords(to)}`;
  const words = wordsOfMember(member, (from === null ? after : before) ?? after);
  const sides = [before, after].map((rule) => ({ rule: rule ?? {}, titleOf }));
  const inWords = (value: unknown, side: number): string => valueInWords(words, value, sides[side] as (typeof sides)[0]);
  if (!Array.isArray(from) || !Array.isArray(to)) return `${words.name}: ${inWords(from, 0)} → ${inWords(to, 1)}`;
  const [was, is] = [from.map((one) => inWords(one, 0)), to.map((one) => inWords(one, 1))];
  const said = [
    ['added', is.filter((one) => !was.includes(one))],
    ['removed', was.filter((one) => !is.includes(one))],
  ] as const;
  const parts = said.flatMap(([verb, some]) => (some.length === 0 ? [] : [`${verb} ${some.join(', ')}`]));
  return `${words.name}: ${parts.join('; ') || 'the same in another order'}`;
};

/** The same of a gate, whose members are times, people and where it leads. */
export const gateChangeInWords = ({ member, from, to }: Change): string => {
  const seconds = /^(.*)Seconds$/.exec(member)?.[1];
  const inWords = (value: unknown): string => {
    if (value === null) return 'none';
    if (seconds !== undefined && typeof value === 'number') return durationWords(value);
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const name = (gateMemberWords[member] ?? (seconds ?? member).replace(/[A-Z]/g, (sign) => ` ${sign.toLowerCase()}`)).trim();
  return `${name}: ${inWords(from)} → ${inWords(to)}`;
};

/** Where the words are not those of the member. */
const gateMemberWords: Readonly<Record<string, string>> = {
  distinctPeople: 'different people who sign',
  capSeconds: 'longest time with all incidents',
  onCap: 'after the longest time with all incidents',
};

const kindInWords = (kind: unknown): string => (typeof kind === 'string' ? (descriptionOf(kind) ?? kind) : 'nothing is judged');

const wordsOfMember = (member: string, rule: SomeRule | null): ParameterWords => {
  if (member === 'rule.evidence') return memberWords.evidence;
  if (member.startsWith('rule.')) return wordsOf(rule ?? { kind: '' }, member.slice('rule.'.length));
  return memberWords[member as ListedMember] ?? listed(member);
};
