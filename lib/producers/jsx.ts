/** An element of JSX that is open, and where in it the source stands: in a tag, in its text, or in code between braces. */
export type Element = { state: 'tag' | 'text' | 'code'; within: 'tag' | 'text'; braces: number; readonly name: string };

/** A name, or the bare sign of a fragment. Type parameters (`<T,>`, `<T extends A>`) are no element. */
const opening = /<(?:>|([A-Za-z_$][\w$.:-]*)(?=[\s/>])(?!\s+extends\b|\s*[,=]))/y;

/** What the source says about elements, read once: where each name is closed for the last time. */
export const elementsIn = (source: string) => {
  const closings = new Map<string, number>();
  const isClosedBehind = (name: string, at: number): boolean => {
    const last = closings.get(name) ?? source.lastIndexOf(`</${name}`);
    closings.set(name, last);
    return last > at;
  };

  /** The element that begins here, where an expression may begin, and where its name ends. */
  const opened = (at: number): { readonly element: Element; readonly end: number } | undefined => {
    if (source[at] !== '<') return undefined;
    opening.lastIndex = at;
    const found = opening.exec(source);
    if (found === null) return undefined;
    const [{ length }, name = ''] = found;
    if (name === '' && !isClosedBehind(name, at)) return undefined;
    return { element: { state: name === '' ? 'text' : 'tag', within: 'text', braces: 0, name }, end: at + length };
  };

  const inTag = (at: number, element: Element, close: () => void): number | undefined => {
    const sign = source[at];
    if (source.startsWith('/>', at)) {
      close();
      return at + 2;
    }
    if (sign === '>') {
      if (isClosedBehind(element.name, at)) element.state = 'text';
      else close();
      return at + 1;
    }
    if (sign === '{') return intoCode(at, element);
    if (sign !== '"' && sign !== "'") return undefined;
    const end = source.indexOf(sign, at + 1);
    return end < 0 ? source.length : end + 1;
  };
  const intoCode = (at: number, element: Element): number => {
    element.within = element.state === 'tag' ? 'tag' : 'text';
    element.state = 'code';
    element.braces = 0;
    return at + 1;
  };

  /** Goes on in an open element; undefined where code stands. Text is handed over up to its end. */
  const goOn = (at: number, element: Element, on: { close: () => void; open: (inner: Element) => void; text: (end: number) => void }) => {
    if (element.state === 'tag') return inTag(at, element, on.close);
    if (element.state === 'code') {
      if (source[at] === '}' && element.braces === 0) {
        element.state = element.within;
        return at + 1;
      }
      if (source[at] === '{') element.braces += 1;
      if (source[at] === '}') element.braces -= 1;
      return undefined;
    }
    if (source[at] === '{') return intoCode(at, element);
    if (source.startsWith('</', at)) {
      on.close();
      const end = source.indexOf('>', at);
      return end < 0 ? source.length : end + 1;
    }
    const inner = opened(at);
    if (inner !== undefined) {
      on.open(inner.element);
      return inner.end;
    }
    nextSign.lastIndex = at + 1;
    const end = nextSign.exec(source)?.index ?? source.length;
    on.text(end);
    return end;
  };
  return { opened, goOn };
};
const nextSign = /[{<]/g;
