// What every picture is drawn with: colours and texts. Colours are presentation attributes, since a webview's policy and the walkthrough's forbid styles.

/** How a picture is coloured: by the editor's theme, or for a file that slides and other programs show, which know no variables. */
export type Colouring = 'theme' | 'plain';

/** Each colour: the editor's variables, the first that the theme sets, and what stands for them. Contrast themes draw by borders alone, so theirs come first. */
const colours = {
  text: [['editor-foreground'], '#2b2b2b'],
  muted: [['descriptionForeground'], '#5f5f5f'],
  page: [['editor-background'], '#ffffff'],
  node: [['editorWidget-background'], '#f6f6f6'],
  border: [['contrastBorder', 'editorWidget-border'], '#b8b8b8'],
  line: [['descriptionForeground'], '#6a6a6a'],
  focus: [['contrastActiveBorder', 'focusBorder'], '#005fb8'],
  good: [['testing-iconPassed', 'charts-green'], '#2e7d32'],
  bad: [['editorError-foreground', 'charts-red'], '#c62828'],
  warn: [['editorWarning-foreground', 'charts-yellow'], '#9a6700'],
  wait: [['charts-blue'], '#1565c0'],
} as const satisfies Readonly<Record<string, readonly [readonly string[], string]>>;

export type Colour = keyof typeof colours;

/** Says a colour as an attribute's value. */
export const paint = (colouring: Colouring) => (name: Colour): string => {
  const [variables, plain] = colours[name];
  return colouring === 'plain' ? plain : [...variables].reverse().reduce((rest: string, variable) => `var(--vscode-${variable}, ${rest})`, plain);
};

export const fontOf = (colouring: Colouring): string => (colouring === 'plain' ? 'system-ui, sans-serif' : 'var(--vscode-font-family, system-ui, sans-serif)');

/** About how wide a text is: pictures are drawn where nothing can be measured. */
export const widthOf = (text: string, size: number): number => [...text].reduce((sum, sign) => sum + (/[\u2e80-\uffdc]/.test(sign) ? 1 : /[\p{Lu}mw@%]/u.test(sign) ? 0.68 : /[ilj.,:;'|!()]/.test(sign) ? 0.3 : 0.55), 0) * size;

/** A text in at most so many lines of a width; what does not fit ends in an ellipsis. */
export function wrapped(text: string, size: number, width: number, lines: number): string[] {
  const result: string[] = [];
  let rest = text.trim().split(/\s+/);
  while (rest.length > 0 && result.length < lines) {
    let count = 1;
    while (count < rest.length && widthOf(rest.slice(0, count + 1).join(' '), size) <= width) {
      count++;
    }
    const isLast = result.length === lines - 1;
    result.push(clipped(isLast ? rest.join(' ') : rest.slice(0, count).join(' '), size, width));
    rest = isLast ? [] : rest.slice(count);
  }
  return result;
}

function clipped(text: string, size: number, width: number): string {
  if (widthOf(text, size) <= width) {
    return text;
  }
  let signs = [...text];
  while (signs.length > 1 && widthOf(`${signs.join('')}…`, size) > width) {
    signs = signs.slice(0, -1);
  }
  return `${signs.join('').trimEnd()}…`;
}

/** Several drawings as one, one above the other. */
export function joinSvg(drawings: readonly string[]): string {
  const sizes = drawings.map((svg) => /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)?.slice(1).map(Number) ?? [0, 0]);
  const width = Math.max(1, ...sizes.map(([each = 0]) => each));
  const height = Math.max(1, sizes.reduce((sum, [, each = 0]) => sum + each, 0));
  const placed = drawings.map((svg, index) => svg.trim().replace('<svg ', `<svg y="${sizes.slice(0, index).reduce((sum, [, each = 0]) => sum + each, 0)}" `));
  return [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`, ...placed, '</svg>', ''].join('\n');
}
