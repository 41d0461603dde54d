/** Small words that are frequent in one language and rare in the others. */
const words: Readonly<Record<string, RegExp>> = {
  en: /\b(?:the|of|and|is|with|this|your|you|for|it)\b/giu,
  es: /\b(?:el|los|las|una|con|del|y|es|tu|cada|esta)\b/giu,
  pt: /(?<!\p{L})(?:o|os|um|uma|com|do|da|não|seu|você|são|e)(?!\p{L})/giu,
  fr: /(?<!\p{L})(?:le|les|des|une|est|et|vous|votre|dans|avec|du)(?!\p{L})/giu,
};

/** The language that a text seems to be in, of a few; English where nothing tells. */
export function languageOfText(text: string): string {
  // So much tells, whatever follows.
  const prose = text.slice(0, 20_000).replace(/^---\n[^]*?\n---$|^[ \t]*(`{3,9}|~{3,9})[^]{0,2000}?^[ \t]*\1|`[^`\n]{0,200}`/gm, ' ');
  const scores = Object.entries(words).map(([language, pattern]) => ({ language, score: prose.match(pattern)?.length ?? 0 }));
  return scores.reduce((best, each) => (each.score > best.score ? each : best)).language;
}
