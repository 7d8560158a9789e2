import * as z from 'zod';
import { idempotent } from '../../lib/api/idempotent.ts';
import { problemOf } from '../../lib/api/problem.ts';
import { signValue, verifyValue } from '../../lib/api/signed-value.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { loginPath, problemPageResponse } from '../../lib/console/serve.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../lib/outcome.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { keepDraft } from './answer-draft.ts';
import type { PeopleParts } from './people-dependencies.ts';

/** How long a form is valid. After that the person opens the page again. */
const formSeconds = 3600;

/** What every form is bound to. A page adds what the form is about. */
export const sealSchema = z.strictObject({
  id: z.string(),
  run: z.string(),
  person: z.string(),
  session: z.string(),
  at: z.iso.datetime(),
  exp: z.int(),
});
type Seal = z.infer<typeof sealSchema>;

/** A form that was sent: it carries its seal as `nonce`. */
type Ask = {
  readonly params: Readonly<Record<'run', string>>;
  readonly body: { readonly nonce: string; readonly act: string };
  readonly caller: PersonCaller;
  readonly session: string;
  readonly env: { readonly request: string };
};

/** `isFirst`: false where the same form was recorded with another text. */
export type Attempt<N> = { readonly nonce: N; readonly isFirst: boolean };

type FormPage<N, A> = {
  readonly seal: z.ZodType<N>;
  /** The path of the page that has the form, and what a link back to it says. */
  readonly path: string;
  readonly back: string;
  /** What the page is of, in words: the rollback, the check. */
  readonly of: string;
  /** What the seal binds the form to, in words, beside person and session. */
  readonly about: 'run' | 'check' | 'service';
  /** Whether the seal is about what the page is about, beside run, person and session. */
  readonly isOwn?: (nonce: N) => boolean;
  /** Records the act: a redirect when it was recorded, else a page. */
  readonly perform: (request: A, attempt: Attempt<N>) => Promise<Response>;
  readonly refused: (request: A, refusal: Refusal) => Promise<Response>;
};

export const sealForm = <B extends Omit<Seal, 'id' | 'exp'>>({ mac, deps }: PeopleParts, bound: B): Promise<string> =>
  signValue(mac, 'form', { id: deps.random.token(12), ...bound, exp: Math.floor(Date.parse(bound.at) / 1000) + formSeconds });

/** The idempotency key under which what a form did is recorded. */
export const requestOf = (nonce: string): string => sha256(`form\n${nonce}`);

/** Records what a form asks for. A form that is sent several times is recorded once. */
export const recordForm = async <N extends Seal, A extends Ask>(
  { deps, mac }: PeopleParts,
  request: A,
  name: (id: string) => string,
  page: FormPage<N, A>,
): Promise<Outcome<Response>> => {
  const { params, caller, session } = request;
  const { nonce: sealed, ...typed } = request.body;
  const nonce = await verifyValue(mac, 'form', page.seal, sealed);
  const isOwn = nonce !== undefined && nonce.run === params.run && nonce.person === caller.id && nonce.session === session;
  if (!isOwn || page.isOwn?.(nonce) === false) return { refused: wrongForm(page) };
  if (nonce.exp * 1000 <= deps.clock.now().getTime()) return ok(await page.refused(request, wrongForm(page)));
  // A refused act must not use up the form: only a recorded one is stored under the nonce.
  const first = await idempotent(
    deps,
    sha256(`form\n${sealed}\n${typed.act}`),
    sha256(canonical({ ...params, person: caller.id, ...typed })),
    () => page.perform(request, { nonce, isFirst: true }),
    (status) => status === 303,
  );
  if (first.refused?.type === 'idempotency-in-progress') return ok(await beingRecorded(request, first.refused, name, page));
  // The same form with another text: it was recorded once, and the page says what has changed since.
  return first.refused?.type === 'idempotency-key-reused' ? ok(await page.perform(request, { nonce, isFirst: false })) : first;
};

/** Why a form is refused that belongs to another page, person or session, or is too old. */
const wrongForm = ({ of, about }: Pick<FormPage<unknown, unknown>, 'of' | 'about'>): Refusal =>
  refuse('approval-nonce', `The form belongs to another person, session or ${about}, or it is older than an hour. Nothing was recorded.`, {
    got: 'a form of another page, or an expired one',
    expected: `a form on the page of the ${of} as it is now`,
    fix: `Open the page of the ${of} again and use its form.`,
  }).refused;

/** A second click while the first is under way: the page says so in words for people, and leads back. */
const beingRecorded = (
  { caller, env }: Ask,
  refusal: Refusal,
  name: (id: string) => string,
  { path, back, of }: Pick<FormPage<unknown, unknown>, 'path' | 'back' | 'of'>,
): Promise<Response> => {
  const said = {
    ...refusal,
    detail: 'Your form is being recorded.',
    got: 'the same form a second time',
    expected: 'the form once',
    fix: `Open the page of the ${of} again in a moment. It then shows what was recorded.`,
  };
  return problemPageResponse({ ...problemOf(said, env.request), title: 'Being recorded' }, name(caller.id), { href: path, text: back });
};

/** Leads to a new sign-in, after which the page has what was typed. */
export const signInAgain = async (
  { deps, mac }: PeopleParts,
  { caller, env }: Ask,
  name: (id: string) => string,
  { path, typed, refusal }: { readonly path: string; readonly typed: Parameters<typeof keepDraft>[3]; readonly refusal: Refusal },
): Promise<Response> => {
  const draft = await keepDraft(deps, mac, { link: path, person: caller.id }, typed);
  const kept = { ...refusal, fix: 'Sign in again. Your text is kept for an hour; then send it again.' };
  const next = loginPath(`${path}?${new URLSearchParams({ draft })}`, true);
  return problemPageResponse(problemOf(kept, env.request), name(caller.id), { href: next, text: 'Sign in again' });
};
