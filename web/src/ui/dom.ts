// Makes DOM nodes.
//
// In come tags, attributes and children; out go nodes. Invariant: text only ever becomes text nodes, so nothing that
// anybody writes is read as markup.

type Child = Node | string | null | false;
type Attributes = Record<string, string | number | boolean | null>;

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

export function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === false) continue;
    parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
  }
}

/** Sets a text only if it differs, so that screen readers are not told anew. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes `from` look like `to`, touching only what differs: what is selected stays selected, and a screen reader is not
 * told anew what has not changed.
 */
export function morph(from: HTMLElement, to: HTMLElement): void {
  for (const { name, value } of to.attributes) from.setAttribute(name, value);
  const [old, fresh] = [Array.from(from.childNodes), Array.from(to.childNodes)];
  const alike = old.length === fresh.length && old.every((child, i) => child.nodeName === fresh[i]?.nodeName);
  if (!alike) {
    from.replaceChildren(...to.childNodes);
    return;
  }
  old.forEach((child, i) => {
    const other = fresh[i];
    if (!other || child.isEqualNode(other)) return;
    if (child instanceof HTMLElement && other instanceof HTMLElement) morph(child, other);
    else child.replaceWith(other);
  });
}
