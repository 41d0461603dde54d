/** The Chromium to use: `LAKE_TUTORIAL_CHROMIUM`, or what the machine has. */
export function findChromium(): string | undefined;
