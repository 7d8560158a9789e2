import { scopes } from '../../audit/lane.ts';
import { sha256 } from '../../canonical-json.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { type RunContext, readContext, system } from '../state/run-context.ts';
import { recordRefusal, recordRefusalOnce, recordRefusalOnceIn, recordRefusedIn } from './refusals.ts';

/** The page on which a form stands: that of a run, of a service, or behind a mailed link. */
export type PageOf = { readonly run?: string; readonly service?: string; readonly link?: string };
type NoteDependencies = Pick<Dependencies, 'trail' | 'clock' | 'definitions' | 'index'>;

/**
 * Records that a person's form was refused before any command saw it: it is out of date, or not valid on this page. What was typed is not
 * kept in the trail. Of a run, a service or a link that does not exist there is no trail, so nothing is recorded.
 */
export const noteForm = async (
  deps: NoteDependencies,
  page: PageOf,
  caller: PersonCaller,
  attempt: { readonly action: string; readonly refused: Refusal },
): Promise<void> => {
  if (page.service !== undefined) return void (await recordRefusedIn(deps, scopes.service(page.service), caller, attempt));
  const context = await contextOf(deps, page);
  if (context !== undefined) await recordRefusal(deps, context, caller, attempt.action, attempt.refused);
};

/** A form of ours that came without a session: `id` is the form's own, `person` the one for whom it was made. */
export type LateForm = { readonly action: string; readonly id: string; readonly person: string };

/**
 * Records that a form came after its session had ended. Nobody has proved who sent it, so the actor is Holdpoint, and the text names the
 * person for whom the form was made. A form is recorded once, and only who had a session got one: strangers cannot fill the trail.
 */
export const noteLateForm = async (deps: NoteDependencies, page: PageOf, { action, id, person }: LateForm): Promise<void> => {
  const { refused } = refuse('unauthenticated', `A form that was made for ${person} came without a session. Nothing was recorded from it.`);
  const noted = { actor: system('pages'), action, refused, once: id };
  if (page.service !== undefined) return recordRefusalOnceIn(deps, scopes.service(page.service), noted);
  const context = await contextOf(deps, page);
  if (context !== undefined) await recordRefusalOnce(deps, context, noted);
};

const contextOf = async (deps: NoteDependencies, { run, link }: PageOf): Promise<RunContext | undefined> => {
  const of = run ?? (link === undefined ? undefined : (await deps.index.getLink(sha256(link)))?.run);
  return of === undefined ? undefined : (await readContext(deps, of)).ok;
};
