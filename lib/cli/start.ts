import * as z from 'zod';
import { operations } from '../api/contract.ts';
import { levels } from '../fields.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { plain } from './plain.ts';
import { commitOf } from './send-reports.ts';
import { freezesText } from './show-run.ts';

type Artifact = { component: string; digest: string; platforms?: string[] };

const artifactsOf = (given: readonly string[] | undefined): Artifact[] => {
  if (given === undefined || given.length === 0)
    throw new Usage('--artifact is missing: name each component and its digest, such as --artifact web=sha256:…');
  return given.map((text) => {
    const [, component = '', listed = ''] = /^([^=]+)=(sha256:[0-9a-f]{64}(?:,sha256:[0-9a-f]{64})*)$/.exec(text) ?? [];
    const [digest = '', ...platforms] = listed.split(',');
    if (digest === '')
      throw new Usage(
        `--artifact ${text}: expected COMPONENT=sha256: and 64 hex digits; of an image index the digests of its platforms follow, with commas between them`,
      );
    return { component, digest, ...(platforms.length === 0 ? {} : { platforms }) };
  });
};

const levelOf = (flag: string, value = 'not-stated'): (typeof levels)[number] => {
  const level = levels.find((one) => one === value);
  if (level === undefined) throw new Usage(`--${flag} ${value}: expected ${levels.join(', ')}`);
  return level;
};

const options = {
  service: { type: 'string' },
  environment: { type: 'string' },
  version: { type: 'string' },
  commit: { type: 'string' },
  artifact: { type: 'string', multiple: true },
  reason: { type: 'string' },
  change: { type: 'string', multiple: true },
  migration: { type: 'string', multiple: true },
  'schema-version': { type: 'string' },
  risk: { type: 'string' },
  impact: { type: 'string' },
  'planned-t0': { type: 'string' },
  profile: { type: 'string' },
  'requested-by': { type: 'string' },
  'idempotency-key': { type: 'string' },
} as const;

export const start: Command = {
  usage:
    'holdpoint start --service NAME --environment NAME --version TEXT --commit SHA --artifact COMPONENT=sha256:…[,sha256:…] --reason TEXT\n  [--change TEXT]… [--migration FILE]… [--schema-version TEXT] [--risk low|medium|high] [--impact low|medium|high] [--planned-t0 INSTANT] [--profile DIGEST] [--requested-by TEXT] [--idempotency-key TEXT]\n\n--migration names a migration script in the release: with one, nobody can declare the migration of data not applicable. --schema-version is that of\nthe database with which the release works: the rollback target says which versions a rollback crosses. --profile names a registered profile of the\nservice, in force or proposed; without it the one in force is used. In GitHub Actions and GitLab CI --commit is the commit of the job when it is\nleft out.\nPrints the id and the page of the run; with --json as { "run", "page", "gate", … }.',
  binds:
    'one release: service, environment, version, commit and the digest of each artifact; the token of the CI job names the starter, and starts one run',
  defaults: '--commit that of the job, --risk and --impact not-stated, --planned-t0 when-released, --profile the one in force',
  examples: [
    'holdpoint start --service shop --environment production --version 1.4.0 --commit $COMMIT --artifact web=$DIGEST --reason "Checkout with vouchers"',
    'holdpoint start --service shop --environment production --version 1.4.0 --commit $COMMIT --artifact web=$DIGEST --reason "Checkout with vouchers" --change "PR 812" --risk medium --planned-t0 2026-12-01T09:00:00Z',
  ],
  prints: operations.startRun.answer.schema.extend({ page: z.string() }),
  run: async (argv, io) => {
    const { values } = read(argv, options, []);
    const body = {
      service: need(values.service, 'service'),
      environment: need(values.environment, 'environment'),
      version: need(values.version, 'version'),
      commit: need(values.commit ?? commitOf(io), 'commit'),
      artifacts: artifactsOf(values.artifact),
      changes: values.change ?? [],
      ...(values.migration === undefined ? {} : { migrations: values.migration }),
      ...(values['schema-version'] === undefined ? {} : { schemaVersion: values['schema-version'] }),
      reason: need(values.reason, 'reason'),
      risk: levelOf('risk', values.risk),
      impact: levelOf('impact', values.impact),
      plannedT0: values['planned-t0'] ?? 'when-released',
      ...(values.profile === undefined ? {} : { profile: values.profile }),
      ...(values['requested-by'] === undefined ? {} : { requestedBy: values['requested-by'] }),
    };
    const client = await connect(io, values, 'ci');
    const answer = await client.startRun({
      body,
      ...(values['idempotency-key'] === undefined ? {} : { idempotencyKey: values['idempotency-key'] }),
    });
    const shown = answer.ok === undefined ? answer : { ok: { ...answer.ok, page: client.pageOf(answer.ok.run) } };
    return conclude(io, values.json, shown, ({ run, page, gate, freezes }) => ({
      text: [
        `run ${run} started`,
        `page ${page}`,
        ...freezesText(freezes).map(plain),
        `It waits at ${gate}. Send its evidence: holdpoint evidence ${run} FILE --commit ${body.commit}`,
      ].join('\n'),
    }));
  },
};
