/** The one tutorial that some files are: a single file, or one text in several languages (`lake.en.md`, `lake.es.md`), of which the reader's is taken. */
export function oneTutorialOf<T>(files: readonly T[], pathOf: (file: T) => string, language: string): T | undefined {
  if (files.length <= 1) {
    return files[0];
  }
  const parts = files.map((file) => ({ file, match: /^(.*)\.([a-z]{2})\.(?:md|markdown)$/i.exec(pathOf(file)) }));
  const [first] = parts;
  if (!first?.match || parts.some(({ match }) => match?.[1] !== first.match?.[1])) {
    return undefined;
  }
  const inLanguage = (wanted: string): T | undefined => parts.find(({ match }) => match?.[2]?.toLowerCase() === wanted)?.file;
  return inLanguage(language) ?? inLanguage('en') ?? first.file;
}
