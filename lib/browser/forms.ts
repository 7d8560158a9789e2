import { all, element } from './element.ts';

/** What a person has begun to fill in is theirs: nothing here takes it away. */

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const fieldsOf = (main: HTMLElement): readonly Field[] => all<Field>('form input:not([type=hidden]), form textarea, form select', main);

const isChanged = (field: Field): boolean => {
  if (field instanceof HTMLSelectElement) return [...field.options].some((one, place) => one.selected !== wasSelected(field, one, place));
  if (field instanceof HTMLInputElement && /^(radio|checkbox)$/.test(field.type)) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
};

/** Without a chosen option a list shows its first one. */
const wasSelected = (field: HTMLSelectElement, one: HTMLOptionElement, place: number): boolean =>
  [...field.options].some(({ defaultSelected }) => defaultSelected) ? one.defaultSelected : place === 0;

/** Whether somebody is filling in a form: it holds something that the server did not write, or the focus. */
export const isInUse = (main: HTMLElement): boolean => fieldsOf(main).some((field) => isChanged(field) || field === document.activeElement);

/** A field and what it is called, read while its form is there: a field that was taken out has no label any more. */
type Typed = { readonly field: Field; readonly label: string };

/** The fields that hold somebody's own words. Of a form about another report a code is not among them. */
export const typedIn = (main: HTMLElement, isOther: boolean): readonly Typed[] =>
  fieldsOf(main)
    .filter(
      (field) =>
        isChanged(field) &&
        field.matches(isOther ? 'textarea' : 'textarea, [type=text], [type=url], [type=datetime-local]') &&
        field.value.trim() !== '',
    )
    .map((field) => ({ field, label: field.labels?.[0]?.textContent ?? '' }));

/** Shows what was typed into forms that are there no more, each field with its label. */
export const keepTyped = (main: HTMLElement, typed: readonly Typed[]): void => {
  const lost = typed.filter(({ field }) => !field.isConnected);
  if (lost.length === 0) return;
  main.prepend(
    element(
      'div',
      { class: 'note', id: 'typed' },
      element('p', {}, 'What you were filling in cannot be sent now. You wrote:'),
      ...lost.map(({ field, label }) => element('p', { class: 'said' }, `${label === '' ? '' : `${label} `}“${field.value}”`)),
    ),
  );
};

type Choice = { readonly list: HTMLSelectElement; readonly chosen: HTMLOptionElement | undefined };

/** What is chosen from lists. A list without a choice is one that asks again. */
export const choicesIn = (main: HTMLElement): readonly Choice[] =>
  all<HTMLSelectElement>('form select', main)
    .map((list) => ({ list, chosen: list.selectedOptions[0] }))
    .filter(({ chosen }) => chosen?.value !== '');

/** Keeps what was chosen. Where it is not listed any more the browser would choose another option; the form then is not sent before a person chooses. */
export const keepChoices = (choices: readonly Choice[]): void => {
  for (const { list, chosen } of choices) {
    if (chosen !== undefined && list.contains(chosen)) {
      chosen.selected = true;
      continue;
    }
    list.selectedIndex = -1;
    list.setCustomValidity('What you chose is not listed any more. Choose again.');
    list.addEventListener('change', () => list.setCustomValidity(''), { once: true });
  }
};

const reportOf = (main: ParentNode): string | undefined => main.querySelector<HTMLInputElement>('input[name=report]')?.value;

/** An answer is to one report. When that is another one, the note stays, and the choice and the code are made anew. */
export const isOtherReport = (old: ParentNode, next: ParentNode): boolean => reportOf(old) !== reportOf(next);

export const clearChoices = (main: HTMLElement): void => {
  for (const field of fieldsOf(main)) {
    if (!(field instanceof HTMLInputElement)) continue;
    field.checked = field.defaultChecked;
    field.value = field.defaultValue;
  }
};
