import * as z from 'zod';
import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { definitionDiffText } from './definition-diff.ts';
import type { Command } from './io.ts';
import { sayMistakes } from './profile-put.ts';
import { fileFor, serviceOf, usualFile } from './profile-service.ts';
import { proposalText, type ShownProfile } from './profile-show.ts';

export const profileDiff: Command = {
  usage: [
    'holdpoint profile diff [FILE] [--service NAME]',
    '',
    'With FILE: what it would change. Without: what the open proposal changes, who proposed it, who has answered and who has not.',
    `Without --service the service is that of ${usualFile} in this folder.`,
  ].join('\n'),
  binds: 'the service, and its profile in force; nothing is changed',
  defaults: 'FILE: the open proposal; --service that of the file, or of holdpoint.yaml in this folder',
  examples: ['holdpoint profile diff --service shop', `holdpoint profile diff ${usualFile}`],
  prints: z.union([operations.proposeProfile.answer.schema, operations.readProfile.answer.schema]),
  run: async (argv, io) => {
    const {
      values,
      positionals: [file],
    } = read(argv, { service: { type: 'string' } }, ['file?']);
    if (file === undefined) {
      const service = await serviceOf(io, values.service);
      const client = await connect(io, values, 'auditor');
      return conclude(io, values.json, await client.readProfile({ params: { service } }), (shown) => ({
        text: openText(shown, io.columns).join('\n'),
      }));
    }
    const { bytes, service } = await fileFor(io, file, values.service);
    const client = await connect(io, values, 'developer');
    const answer = await client.proposeProfile({ params: { service }, query: { dryRun: 'true' }, body: bytes as never });
    sayMistakes(io, file, values.json, answer);
    return conclude(io, values.json, answer, ({ profile, diff }) => ({
      text: [`${file} is the profile ${profile.slice(0, 12)} of ${service}`, '', ...definitionDiffText(diff, io.columns)].join('\n'),
    }));
  },
};

const openText = (shown: ShownProfile, columns: number | undefined): string[] => {
  const { open, diff, outdated, service } = shown;
  if (open === null || diff === null) return [`No proposal is open for ${service}.`];
  const late = outdated
    ? ['The checklist of the stage has changed since: the same file must be proposed again before it can be approved.', '']
    : [];
  return [...proposalText('proposed', open, shown), '', ...late, ...definitionDiffText(diff, columns)];
};
