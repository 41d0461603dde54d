import * as l10n from '@vscode/l10n';
import type { AccountView, Resource } from './account-view.ts';

/** Something that is there under the tutorial's name and was not made by it, and what taking it over changes in it. */
export interface Adoption {
  readonly id: string;
  readonly title: string;
  readonly changes: readonly string[];
}

/** What taking over a found thing changes: all that would be mended in it, and what its kind says beside. */
export async function changesOf(account: AccountView, resource: Resource, state: unknown): Promise<string[]> {
  const findings = await account.check(resource, state, 'observed');
  return [...findings.map(({ message }) => message), ...(resource.kind.adoption?.(account.context(resource, 'observed')) ?? [])];
}

/** The foreign things among resources; nothing is changed. */
export async function adoptions(account: AccountView, resources: readonly Resource[]): Promise<Adoption[]> {
  const found = await Promise.all(
    resources.map(async (resource): Promise<Adoption[]> => {
      const { kind } = resource;
      const observation = await account.observe(resource);
      if (observation.kind !== 'found' || observation.found.owner !== 'foreign') {
        return [];
      }
      // What cannot be told now is told as a failure when its turn comes.
      const changes = await changesOf(account, resource, observation.found.state).catch((error: unknown) => [account.failure(error).message]);
      return [{ id: kind.id, title: kind.title(), changes }];
    }),
  );
  return found.flat();
}

/** An adoption as lines of text: what it is, and below it what is changed. */
export const adoptionLines = ({ id, title, changes }: Adoption): string[] => [
  `• ${title} (${id})`,
  ...(changes.length > 0 ? changes.map((change) => `    ${change}`) : [`    ${l10n.t('Nothing in it is changed but its tags.')}`]),
];

/** What a consent to adoptions is told before the list. */
export const adoptionLead = (): string =>
  l10n.t('These have the tutorial\'s names and were not made by it. Taken over, they get its tags and what is listed here is corrected in them; all else stays, and the tutorial never deletes them:');
