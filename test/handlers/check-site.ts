import { lanes } from '../../lib/audit/lane.ts';
import * as given from '../pages/page-scenarios.ts';
import { type Fields, formSiteOf, nonceOf } from './form-site.ts';
import type { Reply } from './requests.ts';

const reason = 'Tests follow in <b>ticket</b> 4412.';

/** The page of a check as one browser after the other sees it. */
export const siteOf = (story: given.Story, check: string, gate = 'phase-1') => {
  const { path, as, open, send, sendWithFile } = formSiteOf(story, `/runs/${story.run}/checks/${check}`, given.technical);
  /** The form of an act on a page, filled in. */
  const form = (page: Reply, act: string, changes: Fields = {}): Fields => ({
    act,
    nonce: nonceOf(page, act),
    reason,
    ...changes,
  });
  const lane = async () => story.deps.trail.read(`run/${story.run}`, { lane: lanes.check(gate, check) });
  const recorded = async (): Promise<readonly string[]> => (await lane()).map(({ event }) => event.type);
  const last = async () => (await lane()).at(-1)?.event;
  /** In so many hours, as a browser's field for date and time has it. */
  const inHours = (hours: number): string => new Date(story.deps.clock.now().getTime() + hours * 3_600_000).toISOString().slice(0, 16);
  return { path, as, open, send, sendWithFile, form, recorded, last, inHours };
};
