/**
 * Turns a part of the page into its newest state and keeps every element that is in both: so focus, scroll position, unfolded groups and
 * typed text stay where they are.
 */

/** What an element is about, so that the same one is found again when others came before it. */
const keyOf = (node: Node): string => {
  if (!(node instanceof Element)) return node.nodeName;
  const own = node.id || node.getAttribute('href') || node.getAttribute('name') || node.getAttribute('data-copy');
  const first = node.matches('tr, li, section, article, form')
    ? node.querySelector('[name=act]')?.getAttribute('value') || node.querySelector('[id], [href]')
    : null;
  const inner = first instanceof Element ? first.id || first.getAttribute('href') : first;
  return `${node.nodeName} ${own || inner || ''} ${node.getAttribute('type') === 'radio' ? node.getAttribute('value') : ''}`;
};

/** People unfold groups, and the filter and the bars keep theirs by themselves. */
const isOfReader = (node: Element, name: string): boolean => name === 'open' && node.nodeName === 'DETAILS';

const setAttributes = (old: Element, next: Element): void => {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && !isOfReader(old, name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes)
    if (old.getAttribute(name) !== value && !isOfReader(old, name)) old.setAttribute(name, value);
};

export const morph = (old: Element, next: Element): void => {
  setAttributes(old, next);
  // What the script says about the page is no part of its state.
  if (old.id === 'live') return;
  const stay = staying(old, next);
  let place: ChildNode | null = old.firstChild;
  for (const child of [...next.childNodes]) {
    const same = stay.get(keyOf(child))?.shift();
    if (same === undefined) {
      old.insertBefore(child, place);
      continue;
    }
    // One that stays in its place is not moved: moving it would take its focus.
    if (place === same) place = same.nextSibling;
    else old.insertBefore(same, place);
    if (same instanceof Element && child instanceof Element) morph(same, child);
    else if (same.nodeValue !== child.nodeValue) same.nodeValue = child.nodeValue;
  }
};

/** The children that are in both, by what they are about. Removes the others. */
const staying = (old: Element, next: Element): Map<string, ChildNode[]> => {
  const wanted = new Map<string, number>();
  for (const child of next.childNodes) wanted.set(keyOf(child), (wanted.get(keyOf(child)) ?? 0) + 1);
  const stay = new Map<string, ChildNode[]>();
  for (const child of [...old.childNodes]) {
    const key = keyOf(child);
    const same = stay.get(key) ?? [];
    if (same.length < (wanted.get(key) ?? 0)) stay.set(key, [...same, child]);
    else child.remove();
  }
  return stay;
};
