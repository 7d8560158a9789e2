import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { localMail } from '../../lib/local/commands.ts';
import { openTab, type Tab } from '../pages/chromium.ts';
import { type Hands, handsOf, type Way } from '../pages/hands.ts';
import type { LeanStage } from './lean-stage.ts';

/** Pages of the stage come from functions on a machine that does other work, too. Milliseconds. */
const limitMs = 60_000;

/** A person of the roster in a browser of their own. */
export type Visitor = {
  readonly page: Tab['page'];
  readonly hands: Hands;
  /** Opens an address of the stage; signs in at the provider where the stage asks for it. */
  readonly open: (address: string) => Promise<void>;
  /** Waits for a mail to this person about the run, opens it in the browser and follows its link. `action`: what the link says. */
  readonly openMail: (mail: { readonly run: string; readonly action: string }) => Promise<void>;
};

/** Browsers of people, who sign in at the stage's own provider and read the mails that it has sent. */
export const visitorsOf = (lean: LeanStage, browserOf: () => Browser) => {
  const tabs: Tab[] = [];

  /** `login`: the person's account at the provider. */
  const visitor = async (login: string, way: Way): Promise<Visitor> => {
    const { publicUrl, issuers, password, people, folder } = lean.status;
    const person = people.find((one) => one.login === login);
    if (person === undefined || publicUrl === null || issuers === null || password === null) throw new Error(`no ${login} at the stage`);
    const origins = [publicUrl, new URL(issuers.people).origin];
    const tab = await openTab(browserOf(), { script: way !== 'without script', origins, limitMs });
    tabs.push(tab);
    const { page } = tab;
    const hands = handsOf(page, way);
    const arrive = async (address: string): Promise<void> => {
      await page.waitForURL((url) => url.href === address || url.href.startsWith(`${issuers.people}/`));
      if (page.url() === address) return;
      await hands.fill('Account', login);
      await hands.fill('Password', password);
      await hands.press('Sign in');
      await page.waitForURL(address);
    };
    return {
      page,
      hands,
      open: async (address) => {
        await page.goto(address);
        await arrive(address);
      },
      openMail: async ({ run, action }) => {
        const mail = await lean.waitUntil(`a mail "${action}" to ${login}`, async () =>
          (await localMail({ folder })).find(
            ({ to, text }) => to.includes(person.address) && text.includes(run) && text.includes(`\n${action}: `),
          ),
        );
        await page.goto('about:blank');
        await page.setContent(mail.html ?? '');
        const address = (await page.getByRole('link', { name: action }).getAttribute('href')) ?? '';
        // Programs that show text alone have the same address.
        expect(mail.text).toContain(`\n${action}: ${address}\n`);
        await hands.follow(action);
        await arrive(address);
      },
    };
  };

  return {
    visitor,
    /** What pages did although they must not, since it was asked last. */
    misdeeds: (): string[] => tabs.flatMap((tab) => tab.misdeeds.splice(0)),
    /** For a test that fails: what the people have before them. */
    shown: (): Promise<string[]> =>
      Promise.all(
        tabs.map(async ({ page }) => {
          const text = await page.locator('main').innerText({ timeout: 1_000 }).catch(String);
          return `${new URL(page.url()).pathname.replace(/[\w-]{30,}/, '…')} shows: ${text.replace(/\s+/g, ' ').slice(0, 1_500)}`;
        }),
      ),
  };
};
