import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';

/** `web=sha256:…@7` as component, digest and the platform's own name of the version. */
const component = (text: string): { readonly component: string; readonly digest: string; readonly reference: string | null } => {
  const found = /^([^=]+)=(sha256:[0-9a-f]{64})(?:@(.+))?$/.exec(text);
  if (found === null) throw new Usage(`${text} is no component: expected NAME=sha256:DIGEST, or NAME=sha256:DIGEST@REFERENCE for --back`);
  return { component: found[1] ?? '', digest: found[2] ?? '', reference: found[3] ?? null };
};

export const drill: Command = {
  usage:
    'holdpoint drill SERVICE --environment NAME --from VERSION --now NAME=DIGEST... --to VERSION --back NAME=DIGEST@REFERENCE... --commit ID [--schema-version TEXT --back-schema-version TEXT] [--reason TEXT]',
  binds: 'the service in a staging environment: a run of its own, for the commit and the digests that are named',
  defaults:
    '--reason "A rehearsal of the rollback"; without --schema-version and --back-schema-version it is not known which schema versions were crossed',
  examples: [
    'holdpoint drill shop --environment staging --from 1.4.0 --now web=$DIGEST --to 1.3.2 --back web=$OLD_DIGEST@7 --commit $COMMIT --schema-version 42 --back-schema-version 41',
    'holdpoint drill shop --environment staging --from 1.4.0 --now web=$DIGEST --now worker=$DIGEST --to 1.3.2 --back web=$OLD_DIGEST@7 --back worker=$OLD_DIGEST@3 --commit $COMMIT --reason "The quarterly drill"',
  ],
  prints: operations.startRun.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [service = ''],
    } = read(
      argv,
      {
        environment: { type: 'string' },
        from: { type: 'string' },
        now: { type: 'string', multiple: true },
        to: { type: 'string' },
        back: { type: 'string', multiple: true },
        commit: { type: 'string' },
        'schema-version': { type: 'string' },
        'back-schema-version': { type: 'string' },
        reason: { type: 'string' },
      },
      ['service'],
    );
    const {
      environment,
      from,
      now,
      to,
      back,
      commit,
      'schema-version': schema,
      'back-schema-version': backSchema,
      reason = 'A rehearsal of the rollback',
    } = values;
    if (environment === undefined) throw new Usage('--environment is missing: name the staging environment');
    if (from === undefined || now === undefined)
      throw new Usage('--from and --now are missing: say which version runs now, with the digest of each component');
    if (to === undefined || back === undefined)
      throw new Usage('--to and --back are missing: say to which version it goes back, with digest and reference of each component');
    if (commit === undefined) throw new Usage('--commit is missing: the commit of the version that runs now');
    const client = await connect(io, values, 'ci');
    const started = await client.startRun({
      body: {
        service,
        environment,
        version: from,
        artifacts: now.map((text) => ({ component: component(text).component, digest: component(text).digest })),
        commit,
        changes: [],
        reason,
        risk: 'low',
        impact: 'low',
        plannedT0: 'when-released',
        ...(schema === undefined ? {} : { schemaVersion: schema }),
        drill: {
          version: to,
          components: back.map(component),
          ...(backSchema === undefined ? {} : { schemaVersion: backSchema }),
        },
      },
    });
    return conclude(io, values.json, started, ({ run }) => ({
      text: `Drill ${run} started: ${service} in ${environment} goes back from ${from} to ${to}. Wait for it with: holdpoint wait ${run} --gate rollback-verification`,
    }));
  },
};
