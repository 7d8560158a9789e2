import type { Page } from 'playwright-core';
import type { Hands } from './hands.ts';

/**
 * What people do on a page, and what they see then: each is written once, and walked over the handlers in memory (`journeys.test.ts`) and on
 * a stage on the local AWS (`test/e2e/journeys.test.ts`). It begins on the page and knows nothing of what is behind.
 */

/** The journeys that a release of Holdpoint must let everybody make in every way: both tests fail where one is missing. */
export const journeys = [
  'approve',
  'reject',
  'answer a report that changes meanwhile',
  'answer too late',
  'answer as a deputy',
  'override a freeze as the second person',
  'attest',
  'waive',
  'roll back',
  'label an alarm',
  'search the audit trail',
] as const;
export type Journey = (typeof journeys)[number];

const answer = async (hands: Hands, page: Page, choice: RegExp, note: string): Promise<void> => {
  await hands.choose(choice);
  await hands.fill(/type the code/, await codeOn(page));
  await hands.fill(/^Note/, note);
  await hands.press('Record my answer');
};
const codeOn = async (page: Page): Promise<string> => (await page.locator('.code').textContent()) ?? '';

export const approve = async (hands: Hands, page: Page): Promise<void> => {
  await answer(hands, page, /^Approve/, 'Read on the train.');
  await hands.see('approved this report on');
};

export const reject = async (hands: Hands, page: Page): Promise<void> => {
  await answer(hands, page, /^Reject/, 'The prices are wrong.');
  await hands.see('rejected this report on');
};

export const requestChanges = async (hands: Hands, page: Page): Promise<void> => {
  await answer(hands, page, /^Request changes/, 'The load test is missing.');
  await hands.see('requested changes to this report on');
};

/** `names`: of the person who is away, and of the deputy. */
export const approveAsDeputy = async (hands: Hands, page: Page, names: { readonly away: string; readonly deputy: string }) => {
  await hands.see(`deputy of ${names.away}`);
  await answer(hands, page, /^Approve/, `${names.away} is on leave.`);
  await hands.see(`${names.deputy} approved this report on`);
};

/** Somebody reads the report, it becomes another one, and then they approve. `change` resolves when the requests have ended. */
export const approveWhatHasChanged = async (hands: Hands, page: Page, change: () => Promise<void>): Promise<void> => {
  const code = await codeOn(page);
  await change();
  await hands.choose(/^Approve/);
  await hands.fill(/type the code/, code);
  await hands.press('Record my answer');
  await hands.see('Not recorded.');
  await hands.see('This request is invalidated: the report has changed since it was sent.');
};

/** The gate was decided, and somebody still has its open report before them. */
export const approveTooLate = async (hands: Hands, page: Page): Promise<void> => {
  await answer(hands, page, /^Approve/, 'Read on the train.');
  await hands.see('Not recorded.');
  await hands.see('This request is closed.');
};

export const overrideFreeze = async (hands: Hands): Promise<void> => {
  await hands.fill('Why must the release not wait for the end of the freeze?', 'The payment provider ends its interface.');
  await hands.press('Override the freeze');
  await hands.see(/^overridden$/);
};

export const attest = async (hands: Hands): Promise<void> => {
  await hands.fill('What have you seen?', 'The dashboard shows all four figures.');
  await hands.press('Record my attestation');
  await hands.see('The dashboard shows all four figures.');
};

/** Until two days after `now`. */
export const waive = async (hands: Hands, now: Date): Promise<void> => {
  const day = new Date(now.getTime() + 2 * 86_400_000).toISOString().slice(0, 10);
  await hands.fill('Why may the release go on without it?', 'Tests follow in ticket 4412.');
  // Beside it may stand the form of an attestation, with until when that is valid.
  await hands.time(/^Until when/, `${day}T09:30`);
  await hands.press('Record the waiver');
  await hands.see(`until ${day} 09:30:00 UTC`);
};

export const declareTrigger = async (hands: Hands): Promise<void> => {
  await hands.pick('Trigger', 'Data corruption detected');
  await hands.fill(/^What shows it/, 'orders 4411 to 4420');
  await hands.fill('What do you see?', 'Rows are missing in the table of orders.');
  await hands.press('Declare the trigger');
  await hands.see('Rows are missing in the table of orders.');
};

export const rollBack = async (hands: Hands): Promise<void> => {
  await hands.fill('Why is it rolled back?', 'Half of the orders fail.');
  await hands.press(/^Roll .* back now$/);
  // Where the reconciler is quick, the page shows the first step already.
  await hands.see(/Holdpoint goes on in a moment|Step 1 of 6/);
};

/** The first alarm that has no label yet. `host`: what was the cause, so that the page shows which of several was labelled. */
export const label = async (hands: Hands, host = 'The host'): Promise<void> => {
  await hands.open(/^Label it /);
  await hands.choose('Explained');
  await hands.fill('How do you know?', `${host} was replaced by AWS.`);
  await hands.press('Record the label');
  await hands.see(`${host} was replaced by AWS.`);
};

export const search = async (hands: Hands, found: { readonly run: string; readonly check: string }): Promise<void> => {
  await hands.fill('Run', found.run);
  await hands.fill('Check', found.check);
  await hands.press('Search');
  await hands.see(/^\d+ events$/);
  await hands.see('check judged');
};
