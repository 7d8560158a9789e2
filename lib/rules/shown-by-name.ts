import { quoted } from '../canonical-json.ts';
import { keyOfEndpoint, nameDigest } from '../evidence/listed-names.ts';
import type { PartSubject } from '../fields.ts';
import type { JudgedPart, Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { withParts } from './parts.ts';

/** What a profile lists by name: endpoints as "GET /orders/{id}", services by their names. */
export type Listed = {
  readonly kind: Extract<PartSubject['kind'], 'endpoint' | 'component'>;
  readonly names: readonly string[];
  /** Whether the evidence shows this one. */
  readonly isShown: (name: string) => boolean;
  /** What the evidence does not do: "in the document". */
  readonly where: string;
  /** What to do where one is not shown; absent where that is plain. */
  readonly advice?: string;
};

const words = { endpoint: ['endpoint', 'endpoints'], component: ['service', 'services'] } as const;
const mostNamed = 3;

/**
 * The judgement with each listed name as a part. A name that the evidence does not show is unknown, and unknown is never good. A part that the
 * judgement has already stays as it is.
 */
export const withNames = (judgement: Judgement, { kind, names, isShown, where, advice }: Listed): Judgement => {
  const [one, several] = words[kind];
  const { parts = [], besides } = judgement;
  const keyOf = (id: string): string => (kind === 'endpoint' ? keyOfEndpoint(id) : id);
  const known = new Set(parts.flatMap(({ subject }) => (subject.kind === kind ? [keyOf(subject.id)] : [])));
  const absent = names.filter((name) => !isShown(name));
  const listed = names
    .filter((name) => !known.has(keyOf(name)))
    .map((id): JudgedPart => {
      const isIn = !absent.includes(id);
      return isIn
        ? { subject: { kind, id }, verdict: 'pass', reason: `is ${where}` }
        : { subject: { kind, id }, verdict: 'inconclusive', reason: `is not ${where}`, absent: true };
    });
  const shown = absent.slice(0, mostNamed).map((name) => quoted(name, 60));
  const more = absent.length > mostNamed ? ` and ${absent.length - mostNamed} more` : '';
  const missing = `${absent.length} of the profile's ${counted(names.length, one, several)} ${absent.length === 1 ? 'is' : 'are'} not ${where}: ${shown.join(', ')}${more}${advice === undefined ? '' : ` (${advice})`}`;
  const judged: Judgement =
    absent.length === 0
      ? { verdict: judgement.verdict, reason: judgement.reason }
      : judgement.verdict === 'pass' || judgement.verdict === 'inconclusive'
        ? { verdict: 'inconclusive', reason: `${missing}; ${judgement.reason}` }
        : { verdict: judgement.verdict, reason: `${judgement.reason}; ${missing}` };
  return withParts(judged, {
    parts: [...parts, ...listed],
    besides: besides ?? (judgement.verdict === 'pass' ? undefined : judgement),
    unnamed: besides?.leftOut ?? 0,
  });
};

/** Whether a name in this form is among the digests of facts; nothing is where the facts have none. */
export const among = (named: readonly string[] | undefined): ((key: string) => boolean) => {
  const digests = new Set(named);
  return (key) => digests.has(nameDigest(key));
};

/**
 * Which of the listed endpoints are among those that were seen, with concrete paths, too: `/orders/42` shows `/orders/{id}` where no listed path is
 * nearer. Where all listed paths begin with the same folders, such as `/api/v1`, what was seen may leave them out.
 */
export const endpointsSeen = (listed: readonly string[], seen: readonly string[]): ReadonlySet<string> => {
  const keys = listed.map(keyOfEndpoint);
  const seenKeys = [...new Set(seen.map(keyOfEndpoint))];
  const found = basesOf(keys).map((base) => seenBelow(base, keys, seenKeys));
  const best = found.reduce((a, b) => (b.size > a.size ? b : a));
  return new Set(listed.filter((_, place) => best.has(place)));
};

/** The places of the listed endpoints that were seen, where paths are written without this base. */
const seenBelow = (base: string, keys: readonly string[], seen: readonly string[]): ReadonlySet<number> => {
  const own = keys.map((key) => (base === '' ? key : key.replace(` ${base}`, ' ').replace(/ $/, ' /')));
  const places = new Map(own.map((key, place) => [key, place]));
  const nearest = nearestOf(own);
  return new Set(seen.flatMap((key) => places.get(key) ?? places.get(nearest(key) ?? '') ?? []));
};

/**
 * Of a concrete key the listed one whose parameters it fills in, that with the fewest. Listed keys with parameters in the same folders are found by
 * putting parameters there, so that not each key is compared with each.
 */
const nearestOf = (listed: readonly string[]): ((key: string) => string | undefined) => {
  const known = new Set(listed);
  const holes = new Map<string, readonly number[]>();
  const partial: { readonly key: string; readonly form: RegExp }[] = [];
  for (const key of listed.filter((one) => one.includes('{}'))) {
    const parts = key.split('/');
    if (parts.some((part) => part.includes('{}') && part !== '{}')) {
      if (partial.length < mostPartial && key.split('{}').length <= mostHoles + 1) partial.push({ key, form: formOf(key) });
    } else {
      const at = parts.flatMap((part, place) => (part === '{}' ? [place] : []));
      holes.set(`${parts.length} ${at.join(' ')}`, at);
    }
  }
  const masks = [...holes].map(([name, at]) => ({ length: Number.parseInt(name, 10), at })).sort((a, b) => a.at.length - b.at.length);
  return (key) => {
    const parts = key.split('/');
    for (const { length, at } of masks) {
      if (length !== parts.length || at.some((place) => parts[place] === '')) continue;
      const filled = parts.map((part, place) => (at.includes(place) ? '{}' : part)).join('/');
      if (known.has(filled)) return filled;
    }
    return partial.find(({ form }) => form.test(key))?.key;
  };
};

/** A parameter that is a part of a folder takes an expression. What has more, and more of them, is shown by its own form only: it would take too long. */
const [mostPartial, mostHoles] = [100, 4];

const formOf = (key: string): RegExp =>
  new RegExp(
    `^${key
      .split('{}')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
      .join('[^/]+')}$`,
    'u',
  );

/** The folders with which all paths begin, none first. No API has a deeper base. */
const deepest = 4;

const basesOf = (keys: readonly string[]): readonly string[] => {
  const paths = keys.map((key) =>
    key
      .slice(key.indexOf(' ') + 1)
      .split('/')
      .slice(1),
  );
  const bases = [''];
  for (let depth = 1; depth <= deepest; depth += 1) {
    const folders = paths[0]?.slice(0, depth) ?? [];
    const isBase = folders.length === depth && !folders.some((part) => part.includes('{}') || part === '');
    if (!isBase || !paths.every((path) => folders.every((part, n) => path[n] === part) && path.length >= depth)) break;
    bases.push(`/${folders.join('/')}`);
  }
  return bases;
};
