import type { Kept } from '../../webviews/protocol.ts';
import type { Services } from '../services.ts';
import type { Result } from './results.ts';

/** What a window keeps is short: longer SQL is not. */
const longestKept = 1000;

/** Shows rows as a grid, in place of those that it shows. */
export async function showRows({ panels, results }: Services, result: Result): Promise<void> {
  const { command, values } = result.asked;
  const asked: Kept = { command, ...values };
  const keep: Kept = { result: results.put(result), title: result.title.slice(0, 200), ...(Object.values(asked).every((value) => value.length <= longestKept) && asked) };
  await panels.open('grid', keep);
}
