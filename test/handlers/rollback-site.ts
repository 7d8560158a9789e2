import * as given from '../pages/page-scenarios.ts';
import { rollbackLane } from '../rollback-given.ts';
import { type Fields, formSiteOf, nonceOf } from './form-site.ts';
import type { Reply } from './requests.ts';

export const reason = 'Half of the orders <b>fail</b> since noon.';

/** The page of a run as one browser after the other sees it. */
export const siteOf = (story: given.Story) => {
  const { path, as, open, send } = formSiteOf(story, `/runs/${story.run}/rollback`, given.operations);
  /** The form of an act on a page, filled in. */
  const form = (page: Reply, act: string, changes: Fields = {}): Fields => ({
    act,
    nonce: nonceOf(page, act),
    reason,
    ...changes,
  });
  const recorded = (): Promise<readonly string[]> => rollbackLane(story.deps, story.run);
  const last = async () => (await story.deps.trail.read(`run/${story.run}`, { lane: 'rollback' })).at(-1)?.event;
  return { path, as, open, send, form, recorded, last };
};
