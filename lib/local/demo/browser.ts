/**
 * What a person does in a browser, without one: follows redirects, keeps cookies per origin, fills in and submits the very forms
 * that the pages show. It knows no API.
 */
export type Page = { readonly url: string; readonly status: number; readonly html: string };
export type Form = { readonly action: string; readonly method: string; readonly fields: Readonly<Record<string, string>> };

const longestWay = 15;

export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  open(url: string): Promise<Page> {
    return this.#go(url, { method: 'GET' });
  }

  /** Submits a form of the page with some fields filled in, as the button does. */
  submit(page: Page, form: Form, filled: Readonly<Record<string, string>>): Promise<Page> {
    const body = new URLSearchParams({ ...form.fields, ...filled });
    return this.#go(new URL(form.action, page.url).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(page.url).origin },
      body: body.toString(),
    });
  }

  async #go(start: string, first: RequestInit): Promise<Page> {
    let url = start;
    let request = first;
    for (let way = 0; way < longestWay; way += 1) {
      const response = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: { ...request.headers, cookie: this.#cookieHeader(url) },
        signal: AbortSignal.timeout(30_000),
      });
      this.#keep(url, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null)
        return { url, status: response.status, html: await response.text() };
      await response.body?.cancel();
      url = new URL(location, url).href;
      // A browser repeats the method on 307 and 308 only.
      if (response.status !== 307 && response.status !== 308) request = { method: 'GET' };
    }
    throw new Error(`more than ${longestWay} redirects, starting at ${start}`);
  }

  #cookieHeader(url: string): string {
    const { origin, pathname } = new URL(url);
    return [...(this.#cookies.get(origin) ?? [])]
      .filter(([name]) => pathname.startsWith(this.#paths.get(`${origin} ${name}`) ?? '/'))
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }

  readonly #paths = new Map<string, string>();

  #keep(url: string, lines: readonly string[]): void {
    const { origin } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
      const gone = attributes.some((one) => /^max-age=0$/i.test(one) || (/^expires=/i.test(one) && Date.parse(one.slice(8)) <= Date.now()));
      this.#paths.set(`${origin} ${name}`, path);
      if (gone) jar.delete(name);
      else jar.set(name, pair.slice(pair.indexOf('=') + 1));
    }
  }
}

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return found === null ? undefined : unescaped(found[1] ?? found[2] ?? found[3] ?? '');
};

export const unescaped = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|#39|#x27);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" })[name] ?? '',
  );

/** The forms of a page with the values that their hidden and text fields have. */
export const formsOf = (page: Page): Form[] =>
  [...page.html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi)].map(([whole]) => {
    const [tag = ''] = /<form\b[^>]*>/i.exec(whole) ?? [];
    const inputs = [...whole.matchAll(/<(?:input|button)\b[^>]*>/gi)]
      .map(([input]) => input)
      .filter((input) => !/\btype\s*=\s*["']?(radio|checkbox|submit|button)/i.test(input));
    const fields = inputs.flatMap((input) => {
      const name = attribute(input, 'name');
      return name === undefined ? [] : [[name, attribute(input, 'value') ?? ''] as const];
    });
    return {
      action: attribute(tag, 'action') ?? '',
      method: (attribute(tag, 'method') ?? 'get').toLowerCase(),
      fields: Object.fromEntries(fields),
    };
  });

/** The form that has such a field. */
export const formWith = (page: Page, field: string): Form => {
  const found = formsOf(page).find((form) => Object.hasOwn(form.fields, field));
  if (found === undefined)
    throw new Error(
      `the page ${page.url.replace(/\/approvals\/[\w-]+/, '/approvals/…')} (status ${page.status}) has no form with the field ${field}: ${page.html
        .replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ')
        .slice(0, 300)}`,
    );
  return found;
};
