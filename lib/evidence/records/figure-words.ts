/**
 * How people read the figures of records, by their names: `#` is the number, with the form of one behind `|` where it differs. A name that
 * means something else in a kind of record stands with that kind. A test asks for each figure of each kind.
 */
const phrases: Readonly<Record<string, string>> = {
  configured: '# alarms configured|# alarm configured',
  proved: '# alarms proved|# alarm proved',
  retentionDays: 'kept for # days|kept for # day',
  restored: '# parts restored|# part restored',
  rowsRestored: '# rows restored|# row restored',
  restoreSeconds: 'restored in # s',
  p95Ms: 'p95 # ms',
  errorRatePct: 'error rate # %',
  tests: '# tests|# test',
  validDays: 'valid for # days|valid for # day',
  added: '# files added|# file added',
  modified: '# files modified|# file modified',
  deleted: '# files deleted|# file deleted',
  smallestSharePct: 'smallest share # %',
  largestSharePct: 'largest share # %',
  panels: '# panels|# panel',
  largestDifferencePct: 'largest difference # %',
  compared: '# comparisons|# comparison',
  'resources.compared': '# resources compared with the template|# resource compared with the template',
  rows: '# rows|# row',
  received: '# messages received|# message received',
  slowestSeconds: 'slowest in # s',
  words: '# words|# word',
  headings: '# headings|# heading',
  unchangedDays: 'unchanged for # days|unchanged for # day',
  steps: '# steps|# step',
  seconds: 'took # s',
  'usage.seconds': 'measured over # s',
  answers: '# answers|# answer',
  repeated: '# repeated answers|# repeated answer',
  meanPct: 'mean # %',
  tools: '# tools|# tool',
  longestSilentSeconds: 'longest silence # s',
  searched: '# issues searched|# issue searched',
  open: '# open issues|# open issue',
  'ports.open': '# open ports|# open port',
  closed: '# closed issues|# closed issue',
  scripts: '# scripts|# script',
  undone: '# scripts undone|# script undone',
  impossible: '# scripts that cannot be undone|# script that cannot be undone',
  jobs: '# jobs|# job',
  succeeded: '# jobs succeeded|# job succeeded',
  skipped: '# jobs skipped|# job skipped',
  probed: '# ports probed|# port probed',
  mustBeClosed: '# probed ports that must be closed|# probed port that must be closed',
  services: '# services|# service',
  lowestPort: 'lowest port #',
  highestPort: 'highest port #',
  lowestAllowedPort: 'lowest port that may be open #',
  highestAllowedPort: 'highest port that may be open #',
  running: '# components running|# component running',
  fetched: '# artifacts fetched|# artifact fetched',
  ready: '# resources ready|# resource ready',
  versioned: '# resources with a version|# resource with a version',
  commits: '# commits|# commit',
  approved: '# commits approved|# commit approved',
  routes: '# routes|# route',
  documented: '# routes documented|# route documented',
  samples: '# samples|# sample',
  peakLoad: 'peak load # requests|peak load # request',
  growth: 'grew by # instances|grew by # instance',
  failedPct: '# % of requests failed',
  roles: '# roles|# role',
  hours: 'covers # h',
  startsInHours: 'starts in # h',
  hoursAhead: 'reaches # h ahead',
  uncoveredMinutes: 'nobody on duty for # min',
  longestUncoveredMinutes: 'longest time with nobody on duty # min',
  highestPct: 'highest use # %',
  fewestPoints: 'fewest points of a resource: #',
};

/** Whether people read the figure in words. */
export const hasWords = (record: string, name: string): boolean =>
  Object.hasOwn(phrases, `${record}.${name}`) || Object.hasOwn(phrases, name);

/** `side`: a figure with a limit is rounded to its worse side, so that one beyond the limit never looks like it. */
export const figureInWords = (record: string, name: string, value: number | null, side?: 'least' | 'most'): string => {
  if (value === null) return `${nameInWords(name)} unknown`;
  const round = side === undefined ? Math.round : side === 'least' ? Math.floor : Math.ceil;
  const near = Math.round(value * 1e6) / 1e4;
  const shown = String(round(near) / 100);
  const [many = '', one = many] = (phrases[`${record}.${name}`] ?? phrases[name] ?? `${nameInWords(name)} #`).split('|');
  const phrase = (shown === '1' ? one : many).replace('#', shown);
  return phrase.replace(/(?<![.\d])\d+ min$/, (minutes) => inHours(Number.parseInt(minutes, 10)));
};

/** `retentionDays` as "retention days". */
export const nameInWords = (name: string): string => name.replace(/[A-Z]/g, (sign) => ` ${sign.toLowerCase()}`);

/** "27 h" is read at once, "1620 min" is not. */
const inHours = (minutes: number): string => (minutes > 0 && minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`);
