import { all } from './element.ts';

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
  return `${node.nodeName} ${own || inner || ''} ${node.matches('[type=radio], option') ? node.getAttribute('value') : ''}`;
};

/** Which groups the server unfolded. */
const unfolded = new WeakMap<Element, boolean>();

/** Notes of the groups that are new how the server wrote them, before anybody folds or unfolds them. */
export const noteGroups = (root: ParentNode): void => {
  for (const group of all('details', root)) if (!unfolded.has(group)) unfolded.set(group, group.hasAttribute('open'));
};

/** A group that the reader has folded or unfolded stays so; another one follows the server. */
const foldAsWritten = (old: Element, next: Element): void => {
  const isOpen = next.hasAttribute('open');
  if (old.hasAttribute('open') === unfolded.get(old)) old.toggleAttribute('open', isOpen);
  unfolded.set(old, isOpen);
};

const setAttributes = (old: Element, next: Element): void => {
  const isGroup = old.nodeName === 'DETAILS';
  if (isGroup) foldAsWritten(old, next);
  const isOther = (name: string): boolean => !(isGroup && name === 'open');
  for (const { name } of [...old.attributes]) if (isOther(name) && !next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (isOther(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
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
