import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pythonModule } from '../kernel/files.ts';
import { ownEnvironment } from '../kernel/processes.ts';

export interface ControlPlaneOptions {
  /** The interpreter of the prepared environment. */
  python: string;
  /** The folder of the journal, which it alone may use. */
  journal: string;
  onExit: (why: string) => void;
}

/** moto and what extends it, in a process that ends with this one. */
export class ControlPlane {
  private constructor(
    readonly port: number,
    /** Lines of its journal that could not be read. */
    readonly damaged: number,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it answers: the journal is replayed then. Its messages go to our stderr. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const module = pythonModule('sandbox.gateway.control_plane');
    const child = spawn(options.python, ['-u', ...module.arguments, '--journal', options.journal], {
      cwd: module.cwd,
      env: ownEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
      windowsHide: true,
    });
    // It ends when its stdin does; writing to it never happens.
    child.stdin?.on('error', () => undefined);
    let ready = false;
    const plane = await new Promise<ControlPlane>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const why = `the control plane ended (${signal ?? `exit code ${code}`})`;
        if (ready) {
          options.onExit(why);
        } else {
          reject(new Error(why));
        }
      });
      createInterface({ input: child.stdout! }).once('line', (line) => {
        ready = true;
        const { port, damaged } = JSON.parse(line) as { port: number; damaged: number };
        resolve(new ControlPlane(port, damaged, child));
      });
    });
    return plane;
  }

  /** Ends it; what it has answered is in the journal. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin?.end();
    const impatient = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(impatient);
  }
}
