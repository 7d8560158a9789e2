type Account = { readonly login: string; readonly name: string; readonly roles: readonly string[] };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

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
body{margin:0;padding:2rem 1rem;background:#f5f7fa;color:#17212d;font:16px/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:0 auto;background:#fff;border:1px solid #d5dce5;border-radius:10px;padding:1.5rem}
h1{font-size:1.25rem;margin:0 0 1rem}label{display:block;font-weight:600;margin:.75rem 0 .25rem}
input{box-sizing:border-box;width:100%;font:inherit;padding:.5rem;border:1px solid #6b7a8c;border-radius:6px}
button{margin-top:1rem;font:inherit;font-weight:600;color:#fff;background:#0a58a6;border:0;border-radius:8px;padding:.6rem 1.2rem}
.people button{display:block;width:100%;text-align:left;margin-top:.5rem}.people span{font-weight:400;margin-left:.5rem}h2{font-size:1rem;margin:1.5rem 0 0}
input:focus-visible,button:focus-visible{outline:3px solid #f0a500;outline-offset:2px}
.problem{border-left:4px solid #b3261e;padding-left:.75rem}dl{font-size:.9rem;color:#3f4c5a}dt{font-weight:600}dd{margin:0 0 .4rem}
</style></head><body><main><h1>Sign in to the local Holdpoint</h1>
${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
${
  oneClick
    ? `<form method="post" class="people">${accounts.map((account) => `<button name="login" value="${escaped(account.login)}">${escaped(account.name)} <span>${escaped(account.roles.join(', '))}</span></button>`).join('')}</form><h2>With the password</h2>`
    : ''
}<form method="post"><label for="login">Account</label><input id="login" name="login" value="${escaped(login)}" list="accounts" autocomplete="username" autocapitalize="none" required autofocus>
<datalist id="accounts">${accounts.map((account) => `<option value="${escaped(account.login)}">${escaped(account.name)}</option>`).join('')}</datalist>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button></form>
<p>These people are invented; <code>node bin/holdpoint.mjs local status</code> shows their password.</p>
<dl>${accounts.map((account) => `<dt>${escaped(account.login)}</dt><dd>${escaped(account.name)}, ${escaped(account.roles.join(', '))}</dd>`).join('')}</dl>
</main></body></html>`;
