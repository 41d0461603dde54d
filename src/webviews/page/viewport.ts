// Where drawings are looked at: zoomed and moved by wheel, keys, buttons and by dragging. What moves is the browser's own scrolling.

const smallest = 0.25;
const largest = 4;
/** Drawn smaller than this nobody reads it: then one scrolls. */
const readable = 0.68;
/** A drawing is not blown up by itself. */
const grown = 1.15;

/** A factor, or what follows the size of the window: `auto` fills the width and stays readable, `fit` shows all. */
export type Zoom = number | 'auto' | 'fit';

export interface View {
  readonly zoom: Zoom;
  readonly left: number;
  readonly top: number;
}

export const isView = (value: unknown): value is View => {
  const { zoom, left, top } = (value ?? {}) as Partial<Record<keyof View, unknown>>;
  return (zoom === 'auto' || zoom === 'fit' || (typeof zoom === 'number' && zoom >= smallest && zoom <= largest)) && Number.isFinite(left) && Number.isFinite(top);
};

export class Viewport {
  private zoom: Zoom = 'auto';
  private scale = 1;
  private size = { width: 0, height: 0 };
  private readonly canvas: HTMLElement;

  /**
   * @param changed told when somebody has moved or zoomed.
   * @param scaled told when it may be drawn in another size.
   */
  constructor(readonly root: HTMLElement, private readonly changed: () => void, private readonly scaled: () => void) {
    this.canvas = document.createElement('div');
    this.canvas.className = 'canvas';
    root.append(this.canvas);
    root.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    root.addEventListener('scroll', () => changed(), { passive: true });
    root.addEventListener('pointerdown', (event) => this.drag(event));
    new ResizeObserver(() => {
      this.size = { width: root.offsetWidth, height: root.offsetHeight };
      this.apply();
    }).observe(root);
  }

  get view(): View {
    return { zoom: this.zoom, left: this.root.scrollLeft, top: this.root.scrollTop };
  }

  set view({ zoom, left, top }: View) {
    this.zoom = zoom;
    this.apply();
    this.root.scrollTo(left, top);
  }

  get percent(): number {
    return Math.round(this.scale * 100);
  }

  /** Shows drawings in place of those before, at the same place and as large. */
  show(drawings: readonly HTMLElement[]): void {
    // Nothing is asked of the layout here: it would be made twice.
    this.canvas.replaceChildren(...drawings);
    this.apply();
  }

  /** Sets the zoom; `point` stays where it is. */
  set(zoom: Zoom, point?: { readonly x: number; readonly y: number }): void {
    const { root } = this;
    const before = this.scale;
    const at = point ?? { x: root.clientWidth / 2, y: root.clientHeight / 2 };
    const [x, y] = [root.scrollLeft + at.x, root.scrollTop + at.y];
    this.zoom = typeof zoom === 'number' ? Math.min(largest, Math.max(smallest, zoom)) : zoom;
    this.apply();
    const factor = this.scale / before;
    root.scrollTo(x * factor - at.x, y * factor - at.y);
    this.changed();
  }

  /** Larger or smaller by so many steps. */
  step(steps: number, point?: { readonly x: number; readonly y: number }): void {
    this.set(this.scale * 1.2 ** steps, point);
  }

  private apply(): void {
    const drawings = [...this.canvas.querySelectorAll('svg')].filter((each) => each.parentElement?.parentElement === this.canvas);
    const width = Math.max(1, ...drawings.map((each) => each.viewBox.baseVal.width));
    const height = Math.max(1, drawings.reduce((sum, each) => sum + each.viewBox.baseVal.height, 0));
    // A scrollbar that comes and goes must not change the size that makes it come and go.
    const [room, tall] = [Math.max(80, this.size.width - 28), Math.max(80, this.size.height - 28)];
    this.scale = this.zoom === 'auto' ? Math.min(grown, Math.max(readable, room / width)) : this.zoom === 'fit' ? Math.min(largest, Math.max(smallest, Math.min(room / width, tall / height))) : this.zoom;
    this.scaled();
    for (const each of drawings) {
      each.setAttribute('width', String(Math.round(each.viewBox.baseVal.width * this.scale)));
      each.setAttribute('height', String(Math.round(each.viewBox.baseVal.height * this.scale)));
    }
  }

  private wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const { left, top } = this.root.getBoundingClientRect();
      this.step(-Math.sign(event.deltaY) * Math.min(1, Math.abs(event.deltaY) / 60), { x: event.clientX - left, y: event.clientY - top });
    }
  }

  private drag(event: PointerEvent): void {
    const { root } = this;
    if (event.button !== 0 || event.pointerType === 'touch' || (event.target instanceof Element && event.target.closest('[data-thing]'))) {
      return;
    }
    const start = { x: event.clientX + root.scrollLeft, y: event.clientY + root.scrollTop };
    // Not on the scrollbars.
    if (event.offsetX > root.clientWidth && event.target === root) {
      return;
    }
    const move = (next: PointerEvent): void => {
      root.classList.add('moving');
      root.scrollTo(start.x - next.clientX, start.y - next.clientY);
    };
    const end = (): void => {
      root.classList.remove('moving');
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
  }
}
