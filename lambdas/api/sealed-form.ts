import * as z from 'zod';
import { idempotent } from '../../lib/api/idempotent.ts';
import { problemOf } from '../../lib/api/problem.ts';
import { signValue, verifyValue } from '../../lib/api/signed-value.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { copyFirst, loginPath, problemPageResponse } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import { noteForm, type PageOf } from '../../lib/run/commands/note-form.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { keepDraft } from './answer-draft.ts';
import { type FormPageId, formAction, formPages } from './form-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';

/** How long a form is valid. After that the person opens the page again. */
const formSeconds = 3600;

/** What every form is bound to. A page adds what the form is about. */
export const sealSchema = z.strictObject({
  id: z.string(),
  /** Digest of the path of the page. */
  page: z.string(),
  person: z.string(),
  session: z.string(),
  at: z.iso.datetime(),
  exp: z.int(),
});
type Seal = z.infer<typeof sealSchema>;
/** Whatever else a form is bound to. */
export const anySeal = z.object(sealSchema.shape);

/** A form that was sent: it carries its seal as `nonce`. */
export type Ask = {
  readonly params: PageOf;
  readonly body: { readonly nonce: string };
  readonly caller: PersonCaller;
  readonly session: string;
  readonly env: { readonly request: string };
};

/** `isFirst`: false where the same form was recorded with another text. */
export type Attempt<N> = { readonly nonce: N; readonly isFirst: boolean };

/** What the form was about has changed since the page was shown, at `shownAt`. */
export type Stale = { readonly stale: Refusal; readonly shownAt: string };

type FormPage<N, A> = {
  readonly id: FormPageId;
  readonly seal: z.ZodType<N>;
  /** The path of the page that has the form. */
  readonly path: string;
  /** Which of the page's forms it is. */
  readonly act: string;
  /** Records the act: a redirect when it was recorded, else a page. */
  readonly perform: (request: A, attempt: Attempt<N>) => Promise<Response | Stale>;
  /** The page as it is now, with the text that was typed. */
  readonly refused: (request: A, refusal: Refusal, shownAt?: string) => Promise<Response>;
};

type Bound = { readonly path: string; readonly person: string; readonly session: string; readonly at: string };

export const sealForm = <B extends Bound>({ mac, deps }: PeopleParts, { path, ...bound }: B): Promise<string> =>
  signValue(mac, 'form', {
    id: deps.random.token(12),
    page: sha256(path),
    ...bound,
    exp: Math.floor(Date.parse(bound.at) / 1000) + formSeconds,
  });

/** The idempotency key under which what a form did is recorded. */
export const requestOf = (nonce: string): string => sha256(`form\n${nonce}`);

/**
 * Records what a form asks for. A form that is sent several times is recorded once. One that is not valid here is refused, and the refusal is
 * recorded; its text comes back to the person for whom the form was made, and to nobody else.
 */
export const recordForm = async <N extends Seal, A extends Ask>(
  parts: PeopleParts,
  request: A,
  name: (id: string) => string,
  page: FormPage<N, A>,
): Promise<Outcome<Response>> => {
  const { deps, mac } = parts;
  const { params, caller, session } = request;
  const { nonce: sealed, ...typed } = request.body;
  const noted = async (refused: Refusal): Promise<Refusal> => {
    await noteForm(deps, params, caller, { action: formAction(page.id), refused });
    return refused;
  };
  const seal = await verifyValue(mac, 'form', anySeal, sealed);
  if (seal === undefined) return { refused: await noted(notOurs(page.id)) };
  if (seal.person !== caller.id) {
    const refused = await noted(ofSomebodyElse(page.id));
    return ok(await signInAs(parts, request, name, { id: page.id, path: page.path, person: seal.person, refusal: refused }));
  }
  const nonce = seal.page === sha256(page.path) ? await verifyValue(mac, 'form', page.seal, sealed) : undefined;
  if (nonce === undefined) return ok(await page.refused(request, await noted(ofAnotherPage(page.id))));
  if (nonce.session !== session || nonce.exp * 1000 <= deps.clock.now().getTime())
    return ok(await page.refused(request, await noted(outOfDate)));
  const performed = async (attempt: Attempt<N>): Promise<Response> => {
    const done = await page.perform(request, attempt);
    return done instanceof Response ? done : page.refused(request, await noted(done.stale), done.shownAt);
  };
  // A refused act must not use up the form: only a recorded one is stored under the nonce.
  const first = await idempotent(
    deps,
    sha256(`form\n${sealed}\n${page.act}`),
    sha256(canonical({ ...params, person: caller.id, ...typed })),
    () => performed({ nonce, isFirst: true }),
    (status) => status === 303,
  );
  if (first.refused?.type === 'idempotency-in-progress') return ok(await beingRecorded(request, first.refused, name, page));
  // The same form with another text: it was recorded once, and the page says what has changed since.
  return first.refused?.type === 'idempotency-key-reused' ? ok(await performed({ nonce, isFirst: false })) : first;
};

const notOurs = (id: FormPageId): Refusal =>
  refuse('approval-nonce', 'Holdpoint did not make this form. Nothing was recorded, and what was typed is not kept.', {
    got: 'a form that was changed, or one of another installation',
    expected: `a form on the page of the ${formPages[id].of}`,
    fix: `Go back in the browser to copy what you typed. Then open the page of the ${formPages[id].of} again and use its form.`,
  }).refused;

const ofAnotherPage = (id: FormPageId): Refusal =>
  refuse('approval-nonce', 'The form was made for another page. Nothing was recorded.', {
    got: 'the form of another page',
    expected: `a form on the page of the ${formPages[id].of}`,
    fix: 'Read this page. It shows what you typed; send it only where it is about this page.',
  }).refused;

const ofSomebodyElse = (id: FormPageId): Refusal =>
  refuse('approval-nonce', 'The form was made for another person. Nothing was recorded.', {
    got: 'the form of another person',
    expected: `a form on the page of the ${formPages[id].of} that was made for you`,
  }).refused;

const outOfDate = refuse('approval-nonce', 'The form belongs to an earlier sign-in, or it is older than an hour. Nothing was recorded.', {
  got: 'a form that is no longer valid',
  expected: 'a form of this sign-in that is at most an hour old',
  fix: 'Read the page as it is now. It shows what you typed; send it again where it still holds.',
}).refused;

/** A second click while the first is under way: the page says so in words for people, and leads back. */
const beingRecorded = (
  { caller, env }: Ask,
  refusal: Refusal,
  name: (id: string) => string,
  { id, path }: Pick<FormPage<unknown, unknown>, 'id' | 'path'>,
): Promise<Response> => {
  const { of } = formPages[id];
  const said = {
    ...refusal,
    detail: 'Your form is being recorded.',
    got: 'the same form a second time',
    expected: 'the form once',
    fix: `Open the page of the ${of} again in a moment. It then shows what was recorded.`,
  };
  return problemPageResponse({ ...problemOf(said, env.request), title: 'Being recorded' }, name(caller.id), {
    href: path,
    text: `Open the ${of} again`,
  });
};

type SignIn = { readonly id: FormPageId; readonly path: string; readonly refusal: Refusal };

/** Leads to a new sign-in, after which the page has what was typed. */
export const signInAgain = async (
  parts: PeopleParts,
  { caller, body, env }: Ask,
  name: (id: string) => string,
  { id, path, refusal }: SignIn,
): Promise<Response> => {
  const kept = await keptForSignIn(parts, { id, path, person: caller.id, body });
  const said = { ...refusal, fix: kept.isKept ? 'Sign in again. Your text is kept for an hour; then send it again.' : copyFirst };
  return problemPageResponse(problemOf(said, env.request), name(caller.id), { href: loginPath(kept.path, true), text: 'Sign in again' });
};

/** Somebody else's form in this browser: only they get its text back, when they have signed in. */
const signInAs = async (
  parts: PeopleParts,
  { body, caller, env }: Ask,
  name: (id: string) => string,
  { person, refusal, ...of }: SignIn & { readonly person: string },
): Promise<Response> => {
  const kept = await keptForSignIn(parts, { ...of, person, body });
  const said = {
    ...refusal,
    fix: kept.isKept
      ? 'Who wrote it signs in as themselves; their text is kept for an hour, for them alone. To act yourself, open the page and use its form.'
      : copyFirst,
  };
  return problemPageResponse(problemOf(said, env.request), name(caller.id), {
    href: loginPath(kept.path, true),
    text: 'Sign in as somebody else',
  });
};

/** The page to return to, with what was typed where that could be kept. `body`: as the form sent it. */
export const keptForSignIn = async (
  { deps, mac }: PeopleParts,
  { id, path, person, body }: { readonly id: FormPageId; readonly path: string; readonly person: string; readonly body: unknown },
): Promise<{ readonly path: string; readonly isKept: boolean }> => {
  const draft = await keepDraft(deps, mac, { link: path, person }, formPages[id].typed.parse(body));
  return draft === undefined ? { path, isKept: false } : { path: `${path}?${new URLSearchParams({ draft })}`, isKept: true };
};
