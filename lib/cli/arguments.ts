import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Usage } from './io.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

const everywhere = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const satisfies Options;
/** Of the commands that call Holdpoint. */
const calling = { ...everywhere, url: { type: 'string' }, token: { type: 'string' }, as: { type: 'string' } } as const satisfies Options;

/**
 * Parses the arguments of one command; a positional with `?` may be left out, a last one that
 * ends with `…` may come several times. An unknown option is wrong usage: guessing could
 * send something else than was meant.
 */
export const read = <O extends Options>(argv: readonly string[], options: O, positionals: readonly string[]) =>
  readAlone(argv, { ...calling, ...options }, positionals);

/** The same for a command that calls nobody: it has no `--url`, `--token` or `--as`. */
export const readAlone = <O extends Options>(argv: readonly string[], options: O, positionals: readonly string[]) => {
  const parsed = parsedOf(argv, { ...everywhere, ...options });
  const given = parsed.positionals.length;
  const least = positionals.filter((name) => !name.includes('?')).length;
  if (given >= least && (given <= positionals.length || positionals.at(-1)?.endsWith('…'))) return parsed;
  const expected = positionals.length === 0 ? 'no arguments' : positionals.map((name) => name.toUpperCase()).join(' ');
  throw new Usage(`got ${given === 0 ? 'nothing' : parsed.positionals.join(' ')}, expected ${expected}`);
};

const parsedOf = <O extends Options>(argv: readonly string[], options: O) => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (fault) {
    // Node adds advice about `--` that fits none of these commands.
    const message = fault instanceof Error ? (fault.message.split(/\. To specify a positional|\nDid you /)[0] ?? '') : '';
    throw new Usage(message === '' ? 'these arguments cannot be parsed' : message, { cause: fault });
  }
};

export const need = (value: string | undefined, flag: string): string => {
  if (value === undefined) throw new Usage(`--${flag} is missing`);
  return value;
};
