import { describe, expect, test } from 'vitest';
import { operations } from '../../lib/api/contract.ts';
import { pages } from '../../lib/api/pages.ts';
import { commands } from '../../lib/run/commands/index.ts';

/**
 * The pages of the rollback, of a check, of several checks, of reviews, of a profile and of the operation of a run send what they get to commands, each of which is an operation, too; a report without a type goes to the same
 * command as one with a type.
 */
const noCommand = [
  'logout',
  'answerRollback',
  'answerReviews',
  'attestSeveral',
  'decideCheck',
  'decideProfile',
  'operateRun',
  'recordRecognisedEvidence',
  'giveRecognisedEvidence',
];
/** What the API writes, and who may: each of its other writing operations is a command. */
const writing = Object.values({ ...operations, ...pages }).filter(({ method, id }) => method !== 'GET' && !noCommand.includes(id));

describe('commands and the contract of the API', () => {
  test('every writing operation is a command, and every command an operation', () => {
    expect(writing.map(({ id }) => id).sort()).toEqual(Object.keys(commands).sort());
  });

  test.each(Object.entries(commands))('%s has one id, one schema and the same callers', (name, command) => {
    const operation = writing.find(({ id }) => id === name);
    expect(command.id).toBe(name);
    const schema = operation?.body.kind === 'json' || operation?.body.kind === 'form' ? operation.body.schema : operation?.query;
    // The form of an answer carries a nonce beside the answer.
    if (name !== 'answerApproval') expect(schema).toBe(command.input);
    const who = { ci: ['ci'], person: ['person'], 'any-caller': ['ci', 'person'], 'signed-in': ['person'], visitor: [] } as const;
    expect(command.callers).toEqual(operation === undefined ? [] : who[operation.who]);
  });
});
