import type { RenderNotification } from '../notification.ts';
import { type Content, isEmpty, oneLine, type Part, plainText } from './mail-text.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Colours in the dark. Mail programs that know no media query keep the light ones, which stand at each element. */
const dark = `@media (prefers-color-scheme: dark) {
.page { background: #10161d !important; color: #e8eef5 !important }
.sheet { background: #1a232e !important; border-color: #36445a !important }
.soft { color: #b3c0d0 !important }
.code { background: #10161d !important }
.button { background: #8fc1ff !important; color: #0b1a2b !important }
}`;

const soft = 'class="soft" style="color:#4b5a6b;font-size:14px"';

/** A command on a narrow screen: a line ends between two words, and never within the two signs of an option. */
const commandOf = (command: string): string =>
  escaped(command).replace(/--[\w-]+/g, (option) => `<span style="white-space:nowrap">${option}</span>`);

const partOf = (part: Part, place: number, all: readonly Part[]): string => {
  // What only leads to a list is its heading.
  if (typeof part === 'string') {
    const isHeading = part.endsWith(':') && part.length < 60 && typeof all[place + 1] === 'object';
    return isHeading ? `<p style="font-weight:600;margin-bottom:0">${escaped(part)}</p>` : `<p>${escaped(part)}</p>`;
  }
  return 'commands' in part
    ? part.commands
        .map(
          (command) =>
            `<p style="margin:8px 0"><code class="code" style="display:block;background:#eef2f7;border-radius:6px;padding:8px 12px;font:14px/1.5 ui-monospace,Menlo,Consolas,monospace">${commandOf(command)}</code></p>`,
        )
        .join('')
    : `<ul style="padding-left:20px">${part.map((item) => `<li style="margin:6px 0">${escaped(item)}</li>`).join('')}</ul>`;
};

/**
 * A mail to a reader: text, and HTML that a screen reader reads as one document in order, that no image and no font is fetched for, and
 * that keeps its contrast in light and in dark.
 */
export const written = (
  { subject, paragraphs, small }: Content,
  name: string,
  link?: { readonly action: string; readonly url: string },
): ReturnType<RenderNotification> => {
  const greeting = `Hello ${oneLine(name)},`;
  const parts = paragraphs.filter((part) => !isEmpty(part));
  const said = parts.map(plainText);
  const text = [greeting, ...said, ...(link === undefined ? [] : [`${link.action}: ${link.url}`]), '-- ', ...small].join('\n\n');
  const button =
    link === undefined
      ? ''
      : `<p style="margin:24px 0"><a class="button" href="${escaped(link.url)}" style="display:inline-block;background:#0a58a6;color:#ffffff;text-decoration:none;font-weight:600;border-radius:8px;padding:12px 20px">${escaped(link.action)}</a></p>
<p ${soft}>${escaped(link.url)}</p>
`;
  const html = `<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escaped(subject)}</title><style>
${dark}
</style></head>
<body class="page" style="margin:0;padding:16px;background:#f5f7fa;color:#17212d;font:16px/1.5 system-ui,-apple-system,sans-serif;overflow-wrap:anywhere"><div class="sheet" role="article" aria-label="${escaped(subject)}" lang="en" style="max-width:34rem;margin:0 auto;background:#ffffff;border:1px solid #d5dce5;border-radius:10px;padding:24px">
<p style="margin-top:0">${escaped(greeting)}</p>
${parts.map(partOf).join('\n')}
${button}${small.map((sentence) => `<p ${soft}>${escaped(sentence)}</p>`).join('\n')}
</div></body></html>`;
  return { subject, text, html };
};
