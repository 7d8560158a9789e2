const units = [
  ['day', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time in the two largest units that it has: "24 h", "1 h 30 min", "7 days". Days only from three on, because windows are named by their hours. */
export const lengthText = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole === 0) return '0 s';
  const from = whole >= 3 * 86_400 ? 0 : 1;
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, size] of units.slice(from)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit === 'day' && count > 1 ? 'days' : unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
};

/** A figure as people read it, with three digits or four. */
export const figureText = (value: number): string => {
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 10 ? 10 : 100;
  const shown = String(Math.round(value * digits) / digits);
  return shown.replace(/\B(?=(\d{3})+(?!\d)(?!.*\.))/g, ',');
};
