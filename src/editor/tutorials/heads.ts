import { open } from 'node:fs/promises';
import { frontMatterSaysSo } from './frontMatter.ts';

/** Front matter is short: of a file no more is read, however large it is. */
export const headBytes = 4096;
/** So many at a time: enough for the disk, and few enough for the limit of open files. */
const atOnce = 32;

/** Those of the files whose front matter says `lake: 1`, in their order. A file that cannot be read says nothing. */
export async function declaredAmong<T>(files: readonly T[], headOf: (file: T) => Promise<string>): Promise<T[]> {
  const says: boolean[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < files.length; at = next++) {
      says[at] = await headOf(files[at] as T).then(frontMatterSaysSo, () => false);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, files.length) }, worker));
  return files.filter((_, at) => says[at] === true);
}

/** The beginning of a file on the disk. */
export async function headOfPath(path: string): Promise<string> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(headBytes);
    const { bytesRead } = await file.read(bytes, 0, headBytes, 0);
    return new TextDecoder().decode(bytes.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
