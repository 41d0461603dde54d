import { parseText, readTutorial, type ParsedText } from '../../tutorial/parse.ts';
import type { Tutorial } from '../../tutorial/model.ts';

interface Parsed {
  readonly version: number;
  readonly text: ParsedText;
  readonly tutorial: Tutorial;
}

/** A text that is open in an editor, as VS Code has it. */
export interface OpenText {
  readonly uri: { toString(): string };
  readonly version: number;
  getText(): string;
}

/** Tutorials that are open in editors, parsed once a version; what an edit left alone is not read again. */
export class OpenTutorials {
  private readonly parsed = new Map<string, Parsed>();

  read(document: OpenText): Tutorial {
    const key = document.uri.toString();
    const before = this.parsed.get(key);
    if (before?.version === document.version) {
      return before.tutorial;
    }
    const text = parseText(document.getText(), before?.text.pieces);
    const { tutorial } = readTutorial(text);
    this.parsed.set(key, { version: document.version, text, tutorial });
    return tutorial;
  }

  forget({ uri }: Pick<OpenText, 'uri'>): void {
    this.parsed.delete(uri.toString());
  }
}
