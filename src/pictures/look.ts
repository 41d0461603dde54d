import { AccountView } from '../provision/account-view.ts';
import { verify, type VerifyOptions, type VerifyResult } from '../provision/verify.ts';
import { rowsInCatalog } from '../resources/results.ts';
import type { MapCounts } from './lakeMap.ts';

/** The rows of each zone, as far as the catalog tells: a picture without numbers is better than none. */
export async function countsForMap(options: VerifyOptions): Promise<MapCounts> {
  try {
    const { connection, names } = await AccountView.open({ ...options, onProgress: undefined });
    return await rowsInCatalog(connection, names);
  } catch {
    return {};
  }
}

/**
 * What a map shows: states by a look at the account that makes no query which is charged, and rows.
 *
 * @throws UserError as {@link verify}
 */
export async function lookForMap(options: VerifyOptions): Promise<VerifyResult & { readonly counts: MapCounts }> {
  const [result, counts] = await Promise.all([verify({ ...options, steps: undefined }), countsForMap(options)]);
  return { ...result, counts };
}
