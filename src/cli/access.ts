import { ExitCode } from '../errors.ts';
import { isSandbox, session } from './commands.ts';
import { endProgress, print, type CommonFlags } from './terminal.ts';
import { chargedLines, doctorLines, explainLines } from './text.ts';

// The commands that only look: what one may do here, who may do what, and what is charged.

/** Says what is there that is charged. */
export async function costsCommand(flags: CommonFlags): Promise<ExitCode> {
  const { costs } = await import('../provision/costs.ts');
  const { options } = await session(flags);
  const result = await costs(options);
  endProgress();
  print(flags, result, () => chargedLines(result, isSandbox(flags)));
  return result.unknown.some(({ denied }) => denied) ? ExitCode.aws : ExitCode.done;
}

/** Says what the caller may do here, before the first step. */
export async function doctorCommand(flags: CommonFlags): Promise<ExitCode> {
  const { doctor, isUnwell } = await import('../access/doctor.ts');
  const { options } = await session(flags);
  const result = await doctor(options);
  endProgress();
  print(flags, result, () => doctorLines(result));
  return isUnwell(result) ? ExitCode.failed : ExitCode.done;
}

/** Says whether a principal may do something on a table or a location, and what is missing. */
export async function explainCommand(flags: CommonFlags & { readonly principal: string; readonly table?: string; readonly location?: string; readonly action?: string }): Promise<ExitCode> {
  const { explainAccess, readQuestion } = await import('../access/explain.ts');
  // What cannot be asked is said before anybody is.
  readQuestion(flags);
  const { options } = await session(flags);
  const { refused, ...result } = await explainAccess(options, flags);
  endProgress();
  print(flags, result, () => explainLines({ ...result, refused }));
  return result.verdict === 'denied' ? ExitCode.failed : result.verdict === 'unknown' && refused ? ExitCode.aws : ExitCode.done;
}
