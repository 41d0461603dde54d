import type { PageTexts, PanelAction, Thing } from '../protocol.ts';
import { button, element } from './dom.ts';

// What opens beside a thing: what it is, what is wrong with it, and what can be done.

export class Card {
  private open: { readonly id: string; readonly root: HTMLElement; readonly back: () => void } | undefined;

  constructor(private readonly texts: PageTexts, private readonly act: (thing: string, action: string) => void) {
    document.addEventListener('pointerdown', ({ target }) => target instanceof Node && !this.open?.root.contains(target) && !(target instanceof Element && target.closest('[data-thing]')) && this.close(false));
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.open) {
        event.preventDefault();
        this.close(true);
      }
    });
  }

  get thing(): string | undefined {
    return this.open?.id;
  }

  /** Opens beside a place. @param back gives the focus back. */
  show(id: string, thing: Thing, place: DOMRect, back: () => void): void {
    this.close(false);
    const root = element('div', { class: 'card', role: 'dialog', 'aria-labelledby': 'card-title', tabindex: '-1' });
    this.open = { id, root, back };
    this.fill(thing);
    document.body.append(root);
    const { width, height } = root.getBoundingClientRect();
    const beside = place.right + 8 + width <= innerWidth ? place.right + 8 : place.left - 8 - width >= 0 ? place.left - 8 - width : Math.min(place.left, innerWidth - width - 8);
    root.style.left = `${Math.max(8, beside)}px`;
    root.style.top = `${Math.max(8, Math.min(place.top, innerHeight - height - 8))}px`;
    (root.querySelector<HTMLElement>('.actions button') ?? root).focus();
  }

  /** Says what is known now; closes when the thing is gone. */
  update(thing: Thing | undefined): void {
    if (this.open && thing) {
      const focused = [...this.open.root.querySelectorAll('button')].findIndex((each) => each === document.activeElement);
      this.fill(thing);
      if (focused >= 0) {
        this.open.root.querySelectorAll('button')[focused]?.focus();
      }
    } else {
      this.close(false);
    }
  }

  close(back: boolean): void {
    const { open } = this;
    this.open = undefined;
    open?.root.remove();
    if (back) {
      open?.back();
    }
  }

  private fill({ title, state, lines, problems, actions }: Thing): void {
    const { open } = this;
    open?.root.replaceChildren(
      element('div', { class: 'card-head' }, element('h2', { id: 'card-title' }, title), button('×', () => this.close(true), { 'aria-label': this.texts.close, class: 'plain' })),
      element('p', { class: 'card-state' }, state),
      ...problems.map((text) => element('p', { class: 'card-problem' }, text)),
      ...lines.map((text) => element('p', {}, text)),
      ...(actions.length > 0 ? [element('div', { class: 'actions', role: 'group', 'aria-label': this.texts.actions }, ...actions.map((action) => this.item(open.id, action)))] : []),
    );
  }

  private item(id: string, { id: action, label }: PanelAction): HTMLButtonElement {
    return button(label, () => {
      this.close(true);
      this.act(id, action);
    }, { 'data-action': action });
  }
}
