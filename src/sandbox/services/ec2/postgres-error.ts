/** Why a server does not run, as far as somebody can do something about it. */
export class PostgresError extends Error {
  constructor(
    readonly code: 'no-user' | 'folder' | 'disk-full' | 'incomplete' | 'failed',
    message: string,
  ) {
    super(message);
  }
}

/** A problem that somebody can do something about, out of whatever went wrong. */
export function asProblem(error: unknown): PostgresError {
  if (error instanceof PostgresError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const signs: readonly [PostgresError['code'], RegExp][] = [
    ['disk-full', /ENOSPC|EDQUOT|No space left on device|not enough space/i],
    ['folder', /EROFS|EACCES|EPERM|EEXIST|ENOTDIR|Read-only file system|Permission denied/i],
    ['failed', /\b(?:error|fatal|panic|could not)\b/i],
  ];
  const lines = message.split('\n').map((line) => line.trim()).filter(Boolean);
  for (const [code, sign] of signs) {
    const telling = lines.findLast((line) => sign.test(line));
    if (telling !== undefined) {
      return new PostgresError(code, telling.slice(0, 400));
    }
  }
  return new PostgresError('failed', lines.slice(-2).join(' ').slice(0, 400));
}
