/** What the authoring library takes from the tutorial model: one place, so that rules import from their own room. */
export type { Fence, Position, Problem, Range, Step, Tutorial } from '../tutorial/model.ts';
export type { Block, Piece, PieceCache } from '../tutorial/markdown.ts';
export type { ParsedText } from '../tutorial/parse.ts';
export { oneLine, plainText, remembering, walk } from '../tutorial/markdown.ts';
export { parseText, readTutorial } from '../tutorial/parse.ts';
export { positionInFence } from '../tutorial/fences.ts';
export { Source } from '../tutorial/source.ts';
export { commonVariables, findPlaceholders, isVariableName } from '../tutorial/variables.ts';
