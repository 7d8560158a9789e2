import { parseArgs } from 'node:util';
import { invariants } from './invariants.ts';
import { type Simulated, simulate } from './simulate.ts';

/** `npm run simulate` plays 10,000 new seeds, or as many as `--seeds` says; `npm run simulate -- --seed 17` plays one again and prints its trace. */
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '10000' }, seed: { type: 'string' }, from: { type: 'string' } },
});

const wholeNumber = (name: string, text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** 32) {
    console.error(`--${name}: got ${text}, expected a whole number from 0 to ${2 ** 32 - 1}`);
    process.exit(2);
  }
  return number;
};

const told = ({ seed, profile, checklist, violations, trace }: Simulated): string =>
  [
    `seed ${seed} (${checklist}, ${profile})`,
    ...violations.map(({ at, invariant, what }) => `  ${at} ${invariant}: ${what}`),
    '  the last lines of its trace:',
    ...trace.slice(-30).map((line) => `    ${line}`),
    `  npm run simulate -- --seed ${seed} prints the whole trace`,
  ].join('\n');

const replay = async (seed: number): Promise<boolean> => {
  const played = await simulate(seed);
  console.log(played.trace.join('\n'));
  console.log(`seed ${seed} (${played.checklist}, ${played.profile}): ${played.ends.join(', ')}; trace ${played.digest}`);
  for (const { at, invariant, what } of played.violations) console.log(`${at} ${invariant}: ${what}`);
  return played.violations.length === 0;
};

const playMany = async (count: number, from: number): Promise<boolean> => {
  const ends = new Map<string, number>();
  const broken: Simulated[] = [];
  let calls = 0;
  for (let n = 0; n < count; n += 1) {
    const played = await simulate((from + n) % 2 ** 32);
    calls += played.trace.length;
    for (const end of played.ends) ends.set(end, (ends.get(end) ?? 0) + 1);
    if (played.violations.length > 0) {
      broken.push(played);
      console.log(told(played));
    }
    if ((n + 1) % 100 === 0) console.log(`${n + 1} of ${count} seeds, ${broken.length} with violations`);
  }
  console.log(
    `seeds ${from} to ${(from + count - 1) % 2 ** 32}: ${calls} lines of trace; ends: ${[...ends].map(([end, times]) => `${end} ${times}`).join(', ')}`,
  );
  const counts = Object.keys(invariants).map(
    (name) => [name, broken.filter(({ violations }) => violations.some(({ invariant }) => invariant === name)).length] as const,
  );
  for (const [name, times] of counts) if (times > 0) console.log(`${name}: broken in ${times} seeds`);
  return broken.length === 0;
};

const seedGiven = values.seed;
const from = values.from === undefined ? Math.floor(Math.random() * 2 ** 32) : wholeNumber('from', values.from);
const held = await (seedGiven === undefined ? playMany(wholeNumber('seeds', values.seeds), from) : replay(wholeNumber('seed', seedGiven)));
// Not by `process.exit`, which would cut off what a pipe has not taken yet.
process.exitCode = held ? 0 : 1;
