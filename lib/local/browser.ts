export type Page = { readonly url: string; readonly status: number; readonly html: string };
export type Form = { readonly action: string; readonly method: string; readonly fields: Readonly<Record<string, string>> };

const maxRedirects = 15;
const timeoutMs = 30_000;

/**
 * Does over HTTP what a person does in a browser: follows redirects, keeps cookies per origin, and submits the forms that pages show.
 * It knows nothing about the API. `stopAt`: a redirect to an address that begins like this is returned and not followed.
 */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #paths = new Map<string, string>();
  readonly #stopAt: string | undefined;

  constructor({ stopAt }: { readonly stopAt?: string } = {}) {
    this.#stopAt = stopAt;
  }

  open(url: string): Promise<Page> {
    return this.#go(url, { method: 'GET' });
  }

  /** Submits a form of the page, with some of its fields filled in. */
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
    for (let redirects = 0; redirects < maxRedirects; redirects += 1) {
      const response = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: { ...request.headers, cookie: this.#cookieHeader(url) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      this.#keep(url, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null)
        return { url, status: response.status, html: await response.text() };
      await response.body?.cancel();
      url = new URL(location, url).href;
      if (this.#stopAt !== undefined && url.startsWith(this.#stopAt)) return { url, status: response.status, html: '' };
      // Browsers repeat the method and body only for 307 and 308.
      if (response.status !== 307 && response.status !== 308) request = { method: 'GET' };
    }
    throw new Error(`more than ${maxRedirects} redirects, starting at ${start}`);
  }

  #cookieHeader(url: string): string {
    const { origin, pathname } = new URL(url);
    return [...(this.#cookies.get(origin) ?? [])]
      .filter(([name]) => pathname.startsWith(this.#paths.get(`${origin} ${name}`) ?? '/'))
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }

  #keep(url: string, lines: readonly string[]): void {
    const { origin } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
      const expired = attributes.some(
        (one) => /^max-age=0$/i.test(one) || (/^expires=/i.test(one) && Date.parse(one.slice(8)) <= Date.now()),
      );
      this.#paths.set(`${origin} ${name}`, path);
      if (expired) jar.delete(name);
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

/** The forms of a page, with the initial values of their hidden and text fields. */
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

/** The first form that has this field. Throws, quoting the page, when the page has no such form. */
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
