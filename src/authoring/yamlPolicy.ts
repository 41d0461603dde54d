import { YAMLParseError, parse } from 'yaml';
import { asPolicy, type FoundPolicy } from './policyText.ts';

/** Reads a policy that is written in YAML; undefined while it is half typed. A module of its own, since few need the library. */
export function readYamlPolicy(text: string): FoundPolicy['document'] | undefined {
  try {
    return asPolicy(parse(text));
  } catch (error) {
    if (error instanceof YAMLParseError) {
      return undefined;
    }
    throw error;
  }
}
