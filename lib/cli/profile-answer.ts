import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, type ExitCode, type Io, Usage } from './io.ts';
import { serviceOf, usualFile } from './profile-service.ts';

/** So much of a digest names the profile that was shown. */
const leastOfDigest = 8;
const options = { service: { type: 'string' }, reason: { type: 'string' } } as const;

export const profileApprove: Command = {
  usage: [
    'holdpoint profile approve PROFILE [--service NAME] [--reason TEXT]',
    '',
    'PROFILE is its digest, or the beginning of it, as `holdpoint profile diff` shows it: so that what is approved is what was read. Two people approve',
    `it, neither of whom has proposed it, within 15 minutes of their sign-in. Without --service the service is that of ${usualFile} in this folder.`,
  ].join('\n'),
  binds: 'the open proposal of a service, by the digest of what you read; your sign-in (or --token) says who you are',
  defaults: '--service that of holdpoint.yaml in this folder',
  examples: [
    'holdpoint profile approve 4f1c2a90b7de --service shop',
    'holdpoint profile approve 4f1c2a90b7de --service shop --reason "Read with the team of the shop"',
  ],
  prints: operations.answerProfile.answer.schema,
  run: (argv, io) => answer(argv, io, 'approved'),
};

export const profileReject: Command = {
  usage: 'holdpoint profile reject PROFILE --reason TEXT [--service NAME]',
  binds: 'the open proposal of a service, by the digest of what you read; your sign-in (or --token) says who you are',
  defaults: '--service that of holdpoint.yaml in this folder',
  examples: [
    'holdpoint profile reject 4f1c2a90b7de --service shop --reason "The floor of checkout must stay at 80 percent"',
    'holdpoint profile reject 4f1c2a90b7de --service shop --reason "The feature refunds is missing" --json',
  ],
  prints: operations.answerProfile.answer.schema,
  run: (argv, io) => answer(argv, io, 'rejected'),
};

const answer = async (argv: readonly string[], io: Io, given: 'approved' | 'rejected'): Promise<ExitCode> => {
  const {
    values,
    positionals: [named = ''],
  } = read(argv, options, ['profile']);
  if (!/^[0-9a-f]+$/.test(named) || named.length < leastOfDigest || named.length > 64)
    throw new Usage(`${named}: expected the digest of a profile, or its first ${leastOfDigest} signs at least`);
  const reason = given === 'rejected' ? need(values.reason, 'reason') : values.reason;
  const service = await serviceOf(io, values.service);
  const client = await connect(io, values, 'technical-lead');
  const found = await client.readProfile({ params: { service } });
  if (found.problem !== undefined) return conclude(io, values.json, found, () => ({ text: '' }));
  const { open, inForce } = found.ok;
  // The server refuses a whole digest that is not open, and says what is.
  const shown = [open, inForce].find((one) => one?.profile.startsWith(named));
  if (shown == null && named.length < 64)
    throw new Usage(
      open === null
        ? `no proposal is open for ${service}`
        : `the open proposal of ${service} is ${open.profile.slice(0, 12)}, and not ${named}`,
    );
  const body = {
    profile: shown?.profile ?? named,
    answer: given,
    ...(shown == null ? {} : { definition: shown.definition }),
    ...(reason === undefined ? {} : { reason }),
  };
  return conclude(io, values.json, await client.answerProfile({ params: { service }, body }), ({ state, needs, profile }) => ({
    text:
      state === 'in-force'
        ? `Approved: the profile ${profile.slice(0, 12)} of ${service} is in force.`
        : state === 'rejected'
          ? `Rejected: the profile ${profile.slice(0, 12)} of ${service}.`
          : `Approved: the profile ${profile.slice(0, 12)} of ${service} waits for the ${needs}, too.`,
  }));
};
