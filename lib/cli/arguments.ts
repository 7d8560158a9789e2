import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Usage } from './io.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

const everywhere = {
  url: { type: 'string' },
  token: { type: 'string' },
  as: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

/** Parses the arguments of one command. An unknown option is wrong usage: guessing could send something else than was meant. */
export const read = <O extends Options>(argv: readonly string[], options: O, positionals: readonly string[]) => {
  const parsed = parsedOf(argv, options);
  if (parsed.positionals.length === positionals.length) return parsed;
  const expected = positionals.length === 0 ? 'no arguments' : positionals.map((name) => name.toUpperCase()).join(' ');
  throw new Usage(`expected ${expected}, got ${parsed.positionals.length === 0 ? 'nothing' : parsed.positionals.join(' ')}`);
};

const parsedOf = <O extends Options>(argv: readonly string[], options: O) => {
  try {
    return parseArgs({ args: [...argv], options: { ...everywhere, ...options }, allowPositionals: true, strict: true });
  } catch (fault) {
    throw new Usage(fault instanceof Error ? fault.message : 'these arguments cannot be parsed', { cause: fault });
  }
};

export const need = (value: string | undefined, flag: string): string => {
  if (value === undefined) throw new Usage(`--${flag} is missing`);
  return value;
};
