import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Actuator } from '../checklist/targets.ts';
import type { ActuatorModule } from './order.ts';
import { flawOf } from './order.ts';
import { requestOf } from './request.ts';

const longestDetail = 300;

/** A function may say more than we read, and must say that it did its work: anything but `ok: true` is a failure. */
const answerSchema = z.object({ ok: z.literal(true), detail: z.string().optional() });
const refusalSchema = z.object({ ok: z.literal(false), detail: z.string() });

/** Any function of the service's owners, invoked synchronously. It may be invoked again for the same attempt. */
export const lambdaFunction: ActuatorModule<Extract<Actuator, { kind: 'lambda' }>> = async ({ platforms, persist }, order, actuator) => {
  const { function: name } = actuator;
  const reply = await persist(() => platforms.functions.invoke(actuator, name, requestOf(order)));
  const flaw = flawOf(reply);
  if (flaw !== undefined) return { failed: excerpt(`${name}: ${flaw}`, longestDetail) };
  const answer = answerSchema.safeParse(reply.ok);
  if (answer.success) return { done: excerpt(`${name}: ${answer.data.detail ?? 'done'}`, longestDetail) };
  const refusal = refusalSchema.safeParse(reply.ok);
  const said = refusal.success ? `it answered that it failed: ${refusal.data.detail}` : 'it did not answer { "ok": true }';
  return { failed: excerpt(`${name}: ${said}`, longestDetail) };
};
