import * as z from 'zod';
import { verifyValue } from '../../lib/api/signed-value.ts';
import type { KeepLate } from '../../lib/console/serve.ts';
import { noteLateForm, type PageOf } from '../../lib/run/commands/note-form.ts';
import { type FormPageId, formAction, formPages } from './form-pages.ts';
import type { PeopleParts } from './people-dependencies.ts';
import { anySeal, keptForSignIn } from './sealed-form.ts';

/** A form that comes later than a day after its page was made keeps nothing: no session lasts that long. */
const lateMs = 86_400_000;

const sealedSchema = z.object({ nonce: z.string() });

/**
 * Keeps what was typed into a form whose session has ended, for the person for whom the form was made. Its seal has our MAC, so a stranger
 * keeps and records nothing. The text comes back on the page to which it was sent. Undefined where nothing is kept.
 */
export const keepLateForm =
  (parts: PeopleParts): KeepLate =>
  async ({ id, path, params, body }) => {
    const { deps, mac } = parts;
    const sealed = sealedSchema.safeParse(body);
    if (!isFormPage(id) || !sealed.success) return undefined;
    const seal = await verifyValue(mac, 'form', anySeal, sealed.data.nonce);
    if (seal === undefined || deps.roster.person(seal.person) === undefined) return undefined;
    if (Date.parse(seal.at) + lateMs <= deps.clock.now().getTime()) return undefined;
    await noteLateForm(deps, params as PageOf, { action: formAction(id), id: seal.id, person: seal.person });
    const kept = await keptForSignIn(parts, { id, path, person: seal.person, body });
    return kept.isKept ? kept.path : undefined;
  };

const isFormPage = (id: string): id is FormPageId => Object.hasOwn(formPages, id);
