import { basename } from 'node:path';
import { typesOfFile, uploadedTypes } from '../registry/evidence.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, type Io, Usage } from './io.ts';
import { fitted } from './plain.ts';

const typeNames = uploadedTypes.map(({ id }) => id).join('|');

/** The evidence type by the file's name; a name that fits none or several types is refused. */
const typeOf = (file: string): string => {
  const name = basename(file);
  const types = typesOfFile(name);
  if (types.length > 1) throw new Usage(`the file name ${name} fits several evidence types: add --type ${types.join(' or --type ')}`);
  const [type] = types;
  if (type === undefined) throw new Usage(`the file name ${name} fits no evidence type: add --type ${typeNames}`);
  return type;
};

export const evidence: Command = {
  name: 'evidence',
  summary: 'send a report as evidence',
  usage: [
    `holdpoint evidence RUN FILE [--type ${typeNames}] --commit SHA`,
    '  [--source NAME] [--component NAME --artifact sha256:…] [--made-at INSTANT] [--producer-run TEXT] [--producer-attempt N]',
    '  [--exit-code N] [--allow-unused]',
    '',
    'Reports of one --source from one --producer-run and --producer-attempt are parts of one result: each must pass. A later attempt clears',
    'a failure only where it covers it. Every source must pass.',
    'With --exit-code $? a report never passes when the tool that wrote it failed. A report that serves no check is an error (exit code 1),',
    'unless --allow-unused is given. Without --made-at a report is as old as its file. In GitHub Actions --commit is GITHUB_SHA when it is left out.',
    '',
    'Without --type the file name says which type the report has:',
    ...uploadedTypes.map(({ id, description, fileNames }) => `  ${id.padEnd(12)}${description}\n${' '.repeat(14)}${fileNames.join(', ')}`),
  ].join('\n'),
  examples: [
    'npx holdpoint evidence RUN junit.xml --commit $COMMIT --source unit',
    'npx holdpoint evidence RUN bom.cdx.json --type cyclonedx --commit $COMMIT --component web --artifact $DIGEST',
  ],
  run: async (argv, io) => {
    const { values, positionals } = read(
      argv,
      {
        type: { type: 'string' },
        commit: { type: 'string' },
        source: { type: 'string' },
        component: { type: 'string' },
        artifact: { type: 'string' },
        'made-at': { type: 'string' },
        'producer-run': { type: 'string' },
        'producer-attempt': { type: 'string' },
        'exit-code': { type: 'string' },
        'allow-unused': { type: 'boolean' },
      },
      ['run', 'file'],
    );
    const [run = '', file = ''] = positionals;
    const type = values.type ?? typeOf(file);
    const body = await io.readFile(file).catch((cause: unknown) => {
      throw new Usage(`${file} cannot be read: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
    });
    // The sending proves nothing about when the report was made, and the same file sent again is the same report.
    const madeAt = values['made-at'] ?? (await io.modifiedAt(file)).toISOString();
    const client = await connect(io, values, 'ci');
    const answer = await client.recordEvidence({
      params: { run, type },
      body,
      query: {
        source: values.source ?? 'default',
        commit: need(values.commit ?? io.env.GITHUB_SHA, 'commit'),
        madeAt,
        ...producerOf(io, values, madeAt),
        ...(values.component === undefined ? {} : { component: values.component }),
        ...(values.artifact === undefined ? {} : { artifact: values.artifact }),
        ...(values['exit-code'] === undefined ? {} : { exitCode: exitCodeOf(values['exit-code']) }),
      },
    });
    return conclude(io, values.json, answer, ({ judged, notCounted, unused, alreadyRecorded }) => ({
      text: [
        alreadyRecorded ? 'This report was recorded before; nothing new was recorded.' : 'Recorded.',
        ...judged.map((one) => `  ${one.verdict.padEnd(12)} ${one.check}  ${one.reason}`),
        ...notCounted.map((one) => `  not counted  ${one.check}  ${one.why}`),
        ...(unused === null ? [] : [`  unused       The report serves no check: ${unused}.`]),
      ]
        .map((line) => fitted(line, io.columns, 15))
        .join('\n'),
      code: judged.every((one) => one.verdict === 'pass') && (judged.length > 0 || values['allow-unused'] === true) ? 0 : 1,
    }));
  },
};

const exitCodeOf = (text: string): number => {
  if (!/^-?\d{1,10}$/.test(text)) throw new Usage(`--exit-code ${text}: expected a whole number, such as --exit-code $?`);
  return Number(text);
};

const producerOf = (
  io: Io,
  values: { readonly 'producer-run'?: string | undefined; readonly 'producer-attempt'?: string | undefined },
  madeAt: string,
) => {
  const attempt = values['producer-attempt'] ?? io.env.GITHUB_RUN_ATTEMPT ?? '1';
  if (!/^[1-9]\d{0,5}$/.test(attempt)) throw new Usage(`--producer-attempt ${attempt}: expected a whole number, 1 or more`);
  return {
    producerRun: values['producer-run'] ?? io.env.GITHUB_RUN_ID ?? io.env.CI_PIPELINE_ID ?? `by-hand-${madeAt}`,
    producerAttempt: Number(attempt),
  };
};
