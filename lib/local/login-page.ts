import { asWords } from '../wording.ts';

type Account = { readonly login: string; readonly name: string; readonly roles: readonly string[] };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const rolesOf = ({ roles }: Account): string => escaped(roles.map(asWords).join(', '));

/** One list of the people: with a button for each where no password is needed, else with the account that is typed. */
const people = (accounts: readonly Account[], oneClick: boolean): string =>
  oneClick
    ? `<form method="post" class="people">${accounts.map((one) => `<button name="login" value="${escaped(one.login)}">${escaped(one.name)} <span>${rolesOf(one)}</span></button>`).join('')}</form>`
    : `<h2>Accounts</h2><dl>${accounts.map((one) => `<dt>${escaped(one.login)}</dt><dd>${escaped(one.name)}, ${rolesOf(one)}</dd>`).join('')}</dl>`;

/** The local provider's login form. It needs no script. It lists the accounts, because the people are invented. */
export const loginPage = ({
  accounts,
  login = '',
  problem,
  oneClick = false,
}: {
  readonly accounts: readonly Account[];
  readonly login?: string;
  readonly problem?: string;
  /** The browser has opened the link of the terminal, so that nobody needs to type the password. */
  readonly oneClick?: boolean;
}): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in to the local Holdpoint</title><style>
:root{color-scheme:light dark;--paper:#f5f7fa;--card:#fff;--ink:#17212d;--soft:#4b5a6b;--line:#d5dce5;--accent:#0a58a6;--on-accent:#fff;--bad:#a3161f}
@media (prefers-color-scheme:dark){:root{--paper:#0e141b;--card:#161e28;--ink:#e7edf4;--soft:#a7b4c2;--line:#2c3846;--accent:#7ab8ff;--on-accent:#0b1622;--bad:#ff9ba1}}
body{margin:0;padding:2rem 1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:26rem;margin:0 auto;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.5rem}
h1{font-size:1.25rem;margin:0 0 1rem}h2{font-size:1rem;margin:1.5rem 0 .25rem}label{display:block;font-weight:600;margin:.75rem 0 .25rem}
input{box-sizing:border-box;width:100%;font:inherit;color:inherit;background:var(--paper);padding:.5rem;border:1px solid var(--soft);border-radius:6px}
button{margin-top:1rem;font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);border:0;border-radius:8px;padding:.6rem 1.2rem;cursor:pointer}
.people button{display:block;width:100%;text-align:left;margin-top:.5rem}.people span{display:block;font-weight:400;font-size:.875rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.problem{border-left:4px solid var(--bad);padding-left:.75rem}dl,.soft{font-size:.875rem;color:var(--soft)}dt{font-weight:600}dd{margin:0 0 .4rem}summary{cursor:pointer;margin-top:1.5rem;padding:.2rem 0}
</style></head><body><main><h1>Sign in to the local Holdpoint</h1>
${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
${oneClick ? people(accounts, true) : ''}
${oneClick ? `<details${problem === undefined ? '' : ' open'}><summary>With the password</summary>` : ''}<form method="post"><label for="login">Account</label><input id="login" name="login" value="${escaped(login)}" autocomplete="username" autocapitalize="none" spellcheck="false" required${oneClick ? '' : ' autofocus'}>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button></form>${oneClick ? `<p class="soft">Accounts: ${accounts.map((one) => escaped(one.login)).join(', ')}.</p></details>` : people(accounts, false)}
<p class="soft">These people are invented; <code>node bin/holdpoint.mjs local status</code> shows their password.</p>
</main></body></html>`;
