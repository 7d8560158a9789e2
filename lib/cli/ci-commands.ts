import { basename } from 'node:path';
import { levels } from '../fields.ts';
import { conclude, connect, read } from './connect.ts';
import { type Command, type Io, Usage } from './io.ts';
import { fitted, plain } from './plain.ts';

/** What a CI job calls: start, evidence, deployed. */
const need = (value: string | undefined, flag: string): string => {
  if (value === undefined) throw new Usage(`--${flag} is missing`);
  return value;
};

const artifactsOf = (given: readonly string[] | undefined): { component: string; digest: string }[] => {
  if (given === undefined || given.length === 0)
    throw new Usage('--artifact is missing: name each component with its digest, --artifact web=sha256:…');
  return given.map((text) => {
    const [, component = '', digest = ''] = /^([^=]+)=(sha256:[0-9a-f]{64})$/.exec(text) ?? [];
    if (digest === '') throw new Usage(`--artifact ${text}: expected <component>=sha256:<64 hex digits>`);
    return { component, digest };
  });
};

const levelOf = (flag: string, value = 'low'): (typeof levels)[number] => {
  const level = levels.find((one) => one === value);
  if (level === undefined) throw new Usage(`--${flag} ${value}: expected ${levels.join(', ')}`);
  return level;
};

export const start: Command = {
  name: 'start',
  summary: 'start a run for a release',
  usage:
    'holdpoint start --service NAME --environment NAME --version TEXT --commit SHA --artifact NAME=sha256:… --reason TEXT\n  [--change TEXT]… [--risk low|medium|high] [--impact low|medium|high] [--planned-t0 INSTANT] [--requested-by TEXT] [--key TEXT]',
  run: async (argv, io) => {
    const { values } = read(
      argv,
      {
        service: { type: 'string' },
        environment: { type: 'string' },
        version: { type: 'string' },
        commit: { type: 'string' },
        artifact: { type: 'string', multiple: true },
        reason: { type: 'string' },
        change: { type: 'string', multiple: true },
        risk: { type: 'string' },
        impact: { type: 'string' },
        'planned-t0': { type: 'string' },
        'requested-by': { type: 'string' },
        key: { type: 'string' },
      },
      [],
    );
    const body = {
      service: need(values.service, 'service'),
      environment: need(values.environment, 'environment'),
      version: need(values.version, 'version'),
      commit: need(values.commit ?? io.env.GITHUB_SHA, 'commit'),
      artifacts: artifactsOf(values.artifact),
      changes: values.change ?? [],
      reason: need(values.reason, 'reason'),
      risk: levelOf('risk', values.risk),
      impact: levelOf('impact', values.impact),
      plannedT0: values['planned-t0'] ?? 'when-released',
      ...(values['requested-by'] === undefined ? {} : { requestedBy: values['requested-by'] }),
    };
    const client = await connect(io, values, 'ci');
    const answer = await client.startRun({ body, ...(values.key === undefined ? {} : { idempotencyKey: values.key }) });
    return conclude(io, values.json, answer, (started) => ({ text: `run ${started.run} started; it waits at ${started.gate}` }));
  },
};

const typeByEnding: readonly (readonly [RegExp, string])[] = [
  [/lcov|\.info$/i, 'lcov'],
  [/\.sarif$/i, 'sarif'],
  [/cdx|cyclonedx|bom/i, 'cyclonedx'],
  [/openapi|swagger/i, 'openapi'],
  [/k6|autocannon|load/i, 'load'],
  [/series/i, 'series'],
  [/\.xml$/i, 'junit'],
];

export const evidence: Command = {
  name: 'evidence',
  summary: 'send a report as evidence',
  usage:
    'holdpoint evidence <run> <file> [--type junit|lcov|sarif|openapi|cyclonedx|load|series] --commit SHA\n  [--source NAME] [--component NAME --artifact sha256:…] [--made-at INSTANT] [--producer-run TEXT] [--producer-attempt N]',
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
      },
      ['run', 'file'],
    );
    const [run = '', file = ''] = positionals;
    const type = values.type ?? typeByEnding.find(([ending]) => ending.test(basename(file)))?.[1];
    if (type === undefined) throw new Usage(`the name ${basename(file)} does not say what it is: add --type`);
    const body = await io.readFile(file).catch((cause: unknown) => {
      throw new Usage(`${file} cannot be read: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
    });
    const client = await connect(io, values, 'ci');
    const answer = await client.recordEvidence({
      params: { run, type },
      body,
      query: {
        source: values.source ?? 'default',
        commit: need(values.commit ?? io.env.GITHUB_SHA, 'commit'),
        madeAt: values['made-at'] ?? io.now().toISOString(),
        ...producerOf(io, values),
        ...(values.component === undefined ? {} : { component: values.component }),
        ...(values.artifact === undefined ? {} : { artifact: values.artifact }),
      },
    });
    return conclude(io, values.json, answer, ({ judged, notCounted, known }) => ({
      text: [
        known ? 'known already: nothing new was recorded' : 'recorded',
        ...judged.map((one) => `  ${one.verdict.padEnd(12)} ${one.check}  ${plain(one.reason)}`),
        ...notCounted.map((one) => `  not counted  ${one.check}  ${plain(one.why)}`),
      ]
        .map((line) => fitted(line, io.columns, 15))
        .join('\n'),
      code: judged.every((one) => one.verdict === 'pass') ? 0 : 1,
    }));
  },
};

const producerOf = (io: Io, values: { readonly 'producer-run'?: string | undefined; readonly 'producer-attempt'?: string | undefined }) => {
  const attempt = values['producer-attempt'] ?? io.env.GITHUB_RUN_ATTEMPT ?? '1';
  if (!/^[1-9]\d{0,5}$/.test(attempt)) throw new Usage(`--producer-attempt ${attempt}: expected a number from 1`);
  return {
    producerRun: values['producer-run'] ?? io.env.GITHUB_RUN_ID ?? io.env.CI_PIPELINE_ID ?? 'by-hand',
    producerAttempt: Number(attempt),
  };
};

export const deployed: Command = {
  name: 'deployed',
  summary: 'report a deployment as started, finished or failed',
  usage: 'holdpoint deployed <run> --state started|finished|failed --environment NAME --component NAME --digest sha256:…',
  run: async (argv, io) => {
    const { values, positionals } = read(
      argv,
      { state: { type: 'string' }, environment: { type: 'string' }, component: { type: 'string' }, digest: { type: 'string' } },
      ['run'],
    );
    const state = (['started', 'finished', 'failed'] as const).find((one) => one === (values.state ?? 'finished'));
    if (state === undefined) throw new Usage(`--state ${values.state}: expected started, finished or failed`);
    const body = {
      state,
      environment: need(values.environment, 'environment'),
      component: need(values.component, 'component'),
      digest: need(values.digest, 'digest'),
    };
    const client = await connect(io, values, 'ci');
    return conclude(io, values.json, await client.reportDeployment({ params: { run: positionals[0] ?? '' }, body }), () => ({
      text: `${body.component} ${state} in ${body.environment}`,
      code: state === 'failed' ? 1 : 0,
    }));
  },
};
