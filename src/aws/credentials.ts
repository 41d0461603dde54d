import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentityProvider } from '@smithy/types';

/** AWS's usual chain: environment, SSO, `~/.aws/config`, process, web identity, container and instance roles. */
export function profileChain(profile: string | undefined): AwsCredentialIdentityProvider {
  return fromNodeProviderChain({ profile, clientConfig: {} });
}
