import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { sandboxFile } from '../kernel/files.ts';
import { bareEnvironment } from '../kernel/processes.ts';

/** Who of this machine gets in: its user alone, or everybody where the system does not tell whose a connection is. */
export type Access = 'user' | 'machine';

/**
 * Tells whose the connections over loopback are. What the system knows, `kernel/peers.py` asks it in some microseconds;
 * Node itself cannot. Where it does not answer nobody gets in, and it is started again.
 */
export class Peers {
  #helper: Promise<{ child: ChildProcess; tells: boolean }> | undefined;
  #stopped = false;
  #waiting: ((answer: string) => void)[] = [];

  constructor(private readonly options: { readonly python: string; readonly log: (line: string) => void }) {}

  async access(): Promise<Access> {
    return (await this.#start()).tells ? 'user' : 'machine';
  }

  /** Whether a connection is of the user whom the sandbox belongs to, or of root, who may do everything anyway. */
  async isOwn(socket: Socket): Promise<boolean> {
    const { remoteAddress: from, remotePort, localAddress: to, localPort } = socket;
    const { child, tells } = await this.#start();
    if (!tells) {
      return true;
    }
    const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');
    if (!/^[\d.]+$/.test(plain(from)) || !/^[\d.]+$/.test(plain(to))) {
      // It has gone already, or is not of IPv4, which alone is listened to.
      return false;
    }
    const answer = new Promise<string>((resolve) => this.#waiting.push(resolve));
    child.stdin?.write(`${plain(from)} ${remotePort} ${plain(to)} ${localPort}\n`);
    const user = await answer;
    return user === '0' || user === String(process.geteuid?.());
  }

  stop(): void {
    this.#stopped = true;
    void this.#helper?.then(({ child }) => child.kill('SIGKILL'), () => undefined);
  }

  #start(): Promise<{ child: ChildProcess; tells: boolean }> {
    this.#helper ??= this.#spawn().catch((error: unknown) => {
      this.#helper = undefined;
      throw error;
    });
    return this.#helper;
  }

  #spawn(): Promise<{ child: ChildProcess; tells: boolean }> {
    // Isolated and without site packages, which it does not need: it starts in no time.
    const child = spawn(this.options.python, ['-I', '-S', '-u', sandboxFile('kernel/peers.py')], { env: bareEnvironment(), stdio: ['pipe', 'pipe', 'inherit'], windowsHide: true });
    child.stdin?.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      let how: string | undefined;
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const why = `what tells whose a connection is has ended (${signal ?? `exit code ${code}`})`;
        reject(new Error(why));
        if (how !== undefined && how !== 'nothing') {
          if (!this.#stopped) {
            this.options.log(why);
          }
          this.#helper = undefined;
          this.#waiting.splice(0).forEach((answer) => answer('-'));
        }
      });
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (how === undefined) {
          how = line;
          resolve({ child, tells: line !== 'nothing' });
        } else {
          this.#waiting.shift()?.(line);
        }
      });
    });
  }
}
