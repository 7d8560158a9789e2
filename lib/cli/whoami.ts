import * as z from 'zod';
import type { AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';
import { readToken } from './kept-token.ts';

type Me = AnswerOf<(typeof operations)['readMe']>;

export const whoami: Command = {
  usage: 'holdpoint whoami\n\nThe person or the CI identity behind the token: its roles, its services, and until when the sign-in lasts.',
  examples: ['holdpoint whoami', 'holdpoint whoami --json'],
  binds: 'the token',
  defaults: 'the token of `holdpoint login` where none is given',
  prints: z.object({ ...operations.readMe.answer.schema.shape, server: z.string(), signInUntil: z.string().nullable() }),
  run: async (argv, io) => {
    const { values } = read(argv, {}, []);
    const client = await connect(io, values, 'technical-lead');
    const answer = await client.readMe({});
    if (answer.problem !== undefined) return conclude(io, values.json, answer, () => ({ text: '' }));
    const given = values.token ?? (io.env.HOLDPOINT_TOKEN === '' ? undefined : io.env.HOLDPOINT_TOKEN);
    // Only the token of `holdpoint login` has an end that is known here.
    const kept = given === undefined ? await readToken(io.env, new URL(client.address).origin) : undefined;
    const me = { ...answer.ok, server: client.address, signInUntil: kept?.expiresAt ?? null };
    return conclude(io, values.json, { ok: me }, (shown) => ({ text: textOf(shown, io.now()) }));
  },
};

const textOf = (me: Me & { readonly server: string; readonly signInUntil: string | null }, now: Date): string => {
  const { kind, id, name, roles, services, environments, signedInAt, mayDecideUntil, server, signInUntil } = me;
  const isFresh = mayDecideUntil !== null && mayDecideUntil > now.toISOString();
  return [
    kind === 'ci' ? `The CI identity ${id}` : `${name ?? id} (${id})`,
    `server    ${server}`,
    ...(kind === 'ci' ? [] : [`roles     ${roles.join(', ') || 'no role'}`]),
    `services  ${services.join(', ') || 'no service'}`,
    ...(environments === null ? [] : [`only in   ${environments.join(', ')}`]),
    ...(signedInAt === null ? [] : [`signed in ${signedInAt}${signInUntil === null ? '' : `, until ${signInUntil}`}`]),
    ...(mayDecideUntil === null
      ? []
      : [isFresh ? `decisions until ${mayDecideUntil} without another sign-in` : 'decisions need another sign-in first: holdpoint login']),
  ].join('\n');
};
