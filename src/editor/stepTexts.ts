import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../shell.ts';
import type { Names } from '../resources/names.ts';

// The pages of the built-in tutorial's steps, as a learner reads and copies them: with their own account, bucket and region. No VS Code here.

type Filled = Pick<Names, 'account' | 'region' | 'bucket' | 'partition'>;

/** A line that has a button for the code above it; the walkthrough alone can press it. */
const copyLink = /^\[[^\]]*\]\(command:lakeTutorial\.copyCode\?[^)]*\)\n\n?/gm;

/** A step's page as it ships, in a language. */
export const readPage = async (language: string, step: string): Promise<string> => (await readFile(join(packageRoot(), 'walkthroughs', 'media', language, `${step}.md`), 'utf8')).replace(copyLink, '');

/** Puts the account's own values in place of what stands for them. Where the account's or the partition's is spoken of, alone between backticks, it stays; without an account all stay. */
export function fillIn(text: string, names: Filled | undefined): string {
  if (!names) {
    return text;
  }
  const values: Readonly<Record<string, string>> = { 'account-id': names.account, region: names.region, bucket: names.bucket, partition: names.partition };
  return text.replace(/`?<(account-id|region|bucket|partition)>`?/g, (found, name: string) => (/^`<(account-id|partition)>`$/.test(found) ? found : found.replace(`<${name}>`, values[name] ?? '')));
}

/** The code of a page, fence by fence, without what is around it. */
export const codeOf = (page: string): string[] => [...page.matchAll(/^(`{3,}|~{3,})[^\n]*\n([^]*?)\n\1 *$/gm)].map(([, , code = '']) => code);
