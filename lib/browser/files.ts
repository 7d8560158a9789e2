/** Says at once that a chosen file is too large: the server would not get the form, and could not say so. */
export const checkSize = (target: EventTarget | null): void => {
  if (!(target instanceof HTMLInputElement) || target.type !== 'file') return;
  const most = Number(target.dataset.most);
  const [file] = target.files ?? [];
  const isTooLarge = file !== undefined && file.size > most;
  target.setCustomValidity(isTooLarge ? `The file is larger than ${most / 1024 / 1024} MB. Choose a smaller one.` : '');
  if (isTooLarge) target.reportValidity();
};
