// Apart from who makes and who removes them: the one must know the other's by name.

/** How the folders of sandboxes begin that somebody has for a while only. */
export const borrowedPrefix = 'lake-tutorial-borrowed-';

/** Whether a folder of this name is one that may be removed with all that is in it. */
export const isBorrowed = (name: string): boolean => new RegExp(`^${borrowedPrefix}[\\w-]+$`).test(name);
