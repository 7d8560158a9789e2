import type { Stored } from '../audit/event.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { type Artifact, isDigestOf } from '../fields.ts';
import { isDeploymentReport, lastReportOf, readBackOf } from '../folds/deployment.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';

export const deployed = computedRule({
  kind: 'deployed/2',
  description:
    'Every component was reported as deployed with the digest that the run releases, and where Holdpoint can read the platform, that is what runs there.',
  parameters: {},
  words: {},
  bounds: {},
  lanes: ['deployment'],
  supplier: 'deployment',
  concernedBy: (_rule, event) => isDeploymentReport(event) || event.event.type === 'deployment.read-back',
  judge: (_rule, { release: { artifacts, readable = [] }, lanes: { deployment } }) => {
    const last = artifacts.map((artifact) => ({ ...artifact, report: lastReportOf(deployment, artifact.component)?.event }));
    const failed = last.find(({ report }) => report?.type === 'deployment.failed');
    if (failed !== undefined) return { verdict: 'fail', reason: `the deployment of ${failed.component} was reported as failed` };
    if (last.some(({ report }) => report?.type !== 'deployment.finished')) return undefined;
    const seen = artifacts.map((artifact) => lookAt(deployment, artifact, readable));
    const other = seen.find(({ says }) => says === 'fail') ?? seen.find(({ says }) => says === 'inconclusive');
    if (other !== undefined) return { verdict: other.says === 'fail' ? 'fail' : 'inconclusive', reason: excerpt(other.reason, 300) };
    if (seen.some(({ says }) => says === 'unread')) return undefined;
    return {
      verdict: 'pass',
      reason: excerpt(
        `${artifacts.length} of ${counted(artifacts.length, 'component')} deployed: ${seen.map(({ reason }) => reason).join(', ')}`,
        300,
      ),
    };
  },
});

type Look = { readonly says: 'same' | 'unread' | 'fail' | 'inconclusive'; readonly reason: string };

/** What the platform says that it runs, against what the run releases. */
const lookAt = (lane: readonly Stored[], artifact: Artifact, readable: readonly string[]): Look => {
  const { component } = artifact;
  const digest = lastReportOf(lane, component)?.event.data.digest.slice(7, 19) ?? '';
  if (!readable.includes(component)) return { says: 'same', reason: `${component} ${digest}, as CI reported it` };
  const read = readBackOf(lane, component);
  if (read === undefined) return { says: 'unread', reason: '' };
  if (read.digest === null) return { says: 'inconclusive', reason: `what ${component} runs cannot be read: ${quoted(read.detail, 200)}` };
  if (!isDigestOf(artifact, read.digest))
    return {
      says: 'fail',
      reason: `the platform runs ${read.digest.slice(7, 19)} of ${component}, and the run releases ${artifact.digest.slice(7, 19)}`,
    };
  return { says: 'same', reason: `${component} ${digest}, read back from the platform` };
};
