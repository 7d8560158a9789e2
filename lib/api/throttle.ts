import type { ApiFunction, Who } from './operation.ts';

/** Routes by who calls them and what a call costs. `elsewhere` is what no route serves. */
export type ThrottleKind = 'sign-in' | 'pages' | 'ci' | 'people' | 'reading' | 'webhooks' | 'elsewhere';

export type Throttle = {
  /** Requests per second and route. */
  readonly rate: number;
  /** Requests at once and route. */
  readonly burst: number;
};

/**
 * What the gateway lets through to each route of a kind; beyond that it answers 429. Anybody may send requests, so what one kind of caller
 * sends to its routes must not use up what another kind needs.
 */
export const throttles: Readonly<Record<ThrottleKind, Throttle>> = {
  // Asked by anybody, and each call asks the key service or the identity provider.
  'sign-in': { rate: 10, burst: 20 },
  pages: { rate: 30, burst: 60 },
  // A matrix of 256 jobs ends within a second or two and sends its reports.
  ci: { rate: 100, burst: 300 },
  people: { rate: 20, burst: 40 },
  // Reads many events; `holdpoint wait` of many jobs asks every few seconds.
  reading: { rate: 50, burst: 100 },
  // GitHub does not repeat a webhook that was turned away, and one without a signature costs no read.
  webhooks: { rate: 50, burst: 100 },
  elsewhere: { rate: 10, burst: 20 },
};

/** A route that CI and people share counts as the one with more traffic. */
export const throttleOf = ({ who, function: served }: { readonly who: Who; readonly function: ApiFunction }): ThrottleKind => {
  if (who === 'visitor') return 'sign-in';
  if (who === 'signed-in') return 'pages';
  if (who === 'person') return 'people';
  return served === 'audit' ? 'reading' : 'ci';
};
