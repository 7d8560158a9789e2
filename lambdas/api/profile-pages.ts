import * as z from 'zod';
import type { pages } from '../../lib/api/pages.ts';
import { problemOf, refusalStatus } from '../../lib/api/problem.ts';
import type { Names } from '../../lib/console/format.ts';
import { pageResponse } from '../../lib/console/layout.ts';
import { type ProfilePage, profilePage } from '../../lib/console/profile.ts';
import { type PageHandlers, type PageRequest, problemPageResponse, redirect } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal } from '../../lib/outcome.ts';
import { profileActsOf } from '../../lib/query/profile-act.ts';
import { type ProfileView, readProfile } from '../../lib/query/profile-view.ts';
import { answerProfile } from '../../lib/run/commands/answer-profile.ts';
import { profileAnswerSchema } from '../../lib/run/commands/inputs.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { unknownService } from '../../lib/run/state/registered-profiles.ts';
import { readDraft } from './answer-draft.ts';
import { formPages } from './form-pages.ts';
import { asTyped } from './form-sends.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { namesOf } from './reader.ts';
import { recordForm, sealForm, sealSchema, signInAgain } from './sealed-form.ts';

/** A form is about the proposal that the page showed. */
const nonceSchema = sealSchema.extend({ profile: z.string(), definition: z.string() });
type Nonce = z.infer<typeof nonceSchema>;

type Ask = PageRequest<typeof pages.decideProfile>;
type Show = PageRequest<typeof pages.showProfile>;

/** The page of a service's profile, and its form. Reading changes nothing; the form records an answer by the same command as API and CLI. */
export const profilePages = (parts: PeopleParts): Pick<PageHandlers<'people'>, 'showProfile' | 'decideProfile'> => {
  const { deps } = parts;
  const names = namesOf(deps);
  return {
    showProfile: async (request) => {
      const view = await readFor(parts, request.params.service, request.caller);
      if (view.refused !== undefined) return view;
      const about = { link: pageOf(request), person: request.caller.id, schema: formPages.decideProfile.typed };
      const typed = await readDraft(deps, parts.mac, about, request.query.draft);
      return ok(await shownPage(parts, request, view.ok, names, { typed }));
    },
    decideProfile: async (request) => {
      const no = unknownService(deps, request.params.service);
      if (no !== undefined) return no;
      return recordForm(parts, request, names, {
        id: 'decideProfile',
        seal: nonceSchema,
        path: pageOf(request),
        act: request.body.act,
        perform: (_, { nonce }) => perform(parts, request, nonce, names),
        refused: (_, refusal) => refusedPage(parts, request, { refusal }, names),
      });
    },
  };
};

const pageOf = ({ params }: Pick<Ask, 'params'>): string => `/services/${params.service}/profile`;

/** What people wrote is for people who hold a role. */
const readFor = async ({ deps }: PeopleParts, service: string, { roles }: PersonCaller): Promise<Outcome<ProfileView>> =>
  unknownService(deps, service) ?? readProfile(deps, service, roles.length > 0);

/** Records the answer to the proposal that the page showed; the command refuses when another one has taken its place. */
const perform = async (parts: PeopleParts, request: Ask, { profile, definition }: Nonce, names: Names): Promise<Response> => {
  const { caller, body, params } = request;
  const reason = asTyped(body.reason).trim();
  const read = profileAnswerSchema.safeParse({ profile, definition, answer: body.act, ...(reason === '' ? {} : { reason }) });
  if (!read.success) {
    const slip = reason === '' ? 'Say why you reject it: 10 characters at least.' : 'Write 10 characters at least and 2,000 at most.';
    return refusedPage(
      parts,
      request,
      { refusal: { type: 'body-malformed', detail: slip, fix: 'Correct it in the form below and send it again.' }, slip },
      names,
    );
  }
  const outcome = await answerProfile(parts.deps, { ...read.data, ...params }, caller);
  return outcome.refused === undefined ? redirect(pageOf(request)) : refusedPage(parts, request, { refusal: outcome.refused }, names);
};

type Refused = { readonly refusal: Refusal; readonly slip?: string };

/** The page as it is now, with what was wrong and what the person typed. After a new sign-in it comes back, too. */
const refusedPage = async (parts: PeopleParts, request: Ask, refused: Refused, names: Names): Promise<Response> => {
  const { caller, env, body, params } = request;
  const typed = formPages.decideProfile.typed.parse(body);
  if (refused.refusal.type === 'sign-in-stale')
    return signInAgain(parts, request, names, { id: 'decideProfile', path: pageOf(request), refusal: refused.refusal });
  const view = await readFor(parts, params.service, caller);
  if (view.refused !== undefined) return problemPageResponse(problemOf(refused.refusal, env.request), names(caller.id));
  return shownPage(parts, request, view.ok, names, { typed, ...refused });
};

type More = Pick<ProfilePage, 'typed' | 'refusal' | 'slip'>;

const shownPage = async (parts: PeopleParts, request: Ask | Show, view: ProfileView, names: Names, more: More): Promise<Response> => {
  const { caller, session } = request;
  const acts = profileActsOf(view, caller);
  const bound = { path: pageOf(request), person: caller.id, session, at: parts.deps.clock.now().toISOString() };
  const { open } = view;
  const nonce =
    open === null || acts.may.length === 0 ? '' : await sealForm(parts, { ...bound, profile: open.profile, definition: open.definition });
  return pageResponse(
    profilePage({ view, person: caller.id, acts, nonce, ...more }, names),
    more.refusal === undefined ? 200 : refusalStatus[more.refusal.type],
  );
};
