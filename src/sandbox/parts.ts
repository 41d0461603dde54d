import type { Host, Part } from './part.ts';

/** All that the sandbox does itself, in the order it starts; stopped in reverse. */
export function makeParts(_host: Host): Part[] {
  return [];
}
