// Elements without markup: texts are never read as HTML.

type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** Makes an element. An attribute that is false or undefined is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: readonly (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      made.setAttribute(key, value === true ? '' : value);
    }
  }
  made.append(...children);
  return made;
}

/** A button that does something; its name is its text, or `label` where that is a sign alone. */
export function button(text: string, run: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', run);
  return made;
}

/** Takes over a drawing of our own as elements; a script in it would not be run. */
export function parseSvg(text: string): SVGSVGElement | undefined {
  const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml');
  return documentElement instanceof SVGSVGElement ? document.importNode(documentElement, true) : undefined;
}
