/** An element with attributes and children. Texts become text nodes, so that no text is read as HTML. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

export const all = <E extends Element = HTMLElement>(selector: string, root: ParentNode = document): readonly E[] => [
  ...root.querySelectorAll<E>(selector),
];

/** What this browser keeps for this person's next page; nothing where it keeps nothing. */
export const kept = {
  read: (name: string): string | null => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  write: (name: string, value: string): void => {
    try {
      localStorage.setItem(name, value);
    } catch {
      // A browser that may keep nothing begins anew on the next page.
    }
  },
};

let heard: HTMLElement | undefined;
/** Says a sentence to people who do not see the page, when they have heard what is being said. */
export const announce = (sentence: string): void => {
  if (heard === undefined) {
    heard = element('p', { class: 'heard', role: 'status' });
    document.querySelector('footer')?.append(heard);
  }
  heard.textContent = sentence;
};
