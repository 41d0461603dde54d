import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { messageOf } from '../../../errors.ts';
import type { ServiceContext } from '../context.ts';
import { endGroup, isRunning } from '../../kernel/processes.ts';
import { INTERRUPTED, isOver, missing, refuse, roleArn, seconds, type JobDefinition, type JobRun, type Origin } from './definitions.ts';
import type { Table } from './run-history.ts';
import { RunLog } from './run-log.ts';
import { ScriptMissing, Scripts } from './script-process.ts';

export interface JobOptions extends Origin {
  readonly arguments?: Readonly<Record<string, string>> | undefined;
  /** Minutes, instead of the job's. */
  readonly timeout?: number | undefined;
  readonly previous?: string | undefined;
  /** Whether other jobs are to come after this one. */
  readonly followed?: (() => boolean) | undefined;
  /** GetJobRun shows them; nothing here depends on them. */
  readonly shown?: Readonly<Record<string, unknown>> | undefined;
}

/** Why a run ends before its script does. */
class Ended extends Error {
  constructor(readonly state: 'STOPPED' | 'TIMEOUT' | 'FAILED') {
    super(state);
  }
}

/** A run that was refused before its script began, in AWS's words. */
class Denied extends Error {}

const LOG_GROUP = '/aws-glue/jobs';
const LONGEST_MESSAGE = 4_000;
const LONGEST_MINUTES = 10_080;
/** What Glue finds out about a connection before it launches a job; the rest the script meets itself. */
const FOUND_BEFORE_LAUNCH = /^(At least one security group|VPC S3 endpoint validation|The subnet ID|The security group)/;

/** Runs jobs: each run a process with its role's temporary credentials, its output in CloudWatch Logs. */
export class Jobs {
  readonly #going = new Map<string, { stop: AbortController; ended: Promise<JobRun> }>();
  readonly #scripts: Scripts;
  readonly #scratch: RegExp;
  #stopping = false;

  constructor(
    private readonly context: ServiceContext,
    private readonly runs: Table<JobRun>,
    /** A run failed and is tried again. */
    private readonly onRetry: (failed: JobRun, next: JobRun) => void,
    /** A run and all its retries are over. */
    private readonly onEnd: (run: JobRun) => void,
  ) {
    this.#scripts = new Scripts(context);
    this.#scratch = new RegExp(`${context.files.scratch.replaceAll(/\W/g, '\\$&')}[/\\\\]+[0-9a-f]+`, 'g');
  }

  /** A job will be started soon. */
  expect(): void {
    if (!this.#stopping) {
      this.#scripts.prepare();
    }
  }

  /**
   * Starts a run. `ended` is the run or its last retry, when that is over.
   *
   * @throws WorldError `EntityNotFoundException`, `ConcurrentRunsExceededException`.
   *
   * Source: botocore glue 1.44.5 StartJobRun, 2026-11-28
   * Source: botocore glue 1.44.5 ExecutionProperty, 2026-11-28
   * Source: none found (tried: code search; ConcurrentRunsExceededException is shown in code only, the other nowhere), 2026-11-28
   */
  async start(region: string, name: string, options: JobOptions = {}): Promise<{ run: JobRun; ended: Promise<JobRun> }> {
    const { Job: job } = await this.context.controlPlane.call<{ Job: JobDefinition }>('glue', 'GetJob', { JobName: name }, region).catch(missing('Failed to start job run due to missing metadata.'));
    if (options.previous && !this.runs.get(region, name, options.previous)) {
      refuse('EntityNotFoundException', `Job run ${options.previous} not found.`);
    }
    if (this.#stopping) {
      refuse('InternalServiceException', 'The sandbox is stopping.');
    }
    const active = this.runs.list(region, name).filter((run) => !isOver(run)).length;
    if (active >= (job.ExecutionProperty?.MaxConcurrentRuns ?? 1)) {
      refuse('ConcurrentRunsExceededException', `Concurrent runs exceeded for ${name}`);
    }
    const run = this.runs.add(record(region, job, options, `jr_${randomBytes(32).toString('hex')}`, 0));
    return { run, ended: this.#follow(run, job, options) };
  }

  /** Notes a run that could not even start. */
  refused(region: string, name: string, state: 'FAILED' | 'ERROR', error: string, options: JobOptions): JobRun {
    const now = Date.now();
    const run = this.runs.add({ ...record(region, { Name: name, Role: '', Command: {} }, options, `jr_${randomBytes(32).toString('hex')}`, 0), state, error, modifiedOn: now, completedOn: now, executionTime: 0 });
    return run;
  }

  /** The newest run of a job that has committed how far it came. */
  bookmark(region: string, name: string): JobRun | undefined {
    // A reset says null, and nothing before it counts.
    return this.runs.list(region, name).filter((run) => run.bookmark !== undefined).sort((one, other) => other.startedOn - one.startedOn)[0];
  }

  /** Stops a run that goes on; false when it is over. */
  stop(run: JobRun): boolean {
    const going = this.#going.get(run.id);
    if (!going || isOver(run)) {
      return false;
    }
    this.runs.set(run, { state: 'STOPPING', modifiedOn: Date.now() });
    going.stop.abort(new Ended('STOPPED'));
    return true;
  }

  /** Ends all that a killed sandbox has left: processes, files, and runs that seem to go on. */
  async recover(): Promise<void> {
    for (const run of this.runs.all()) {
      if (!isOver(run)) {
        if (run.pid && isRunning(run.pid, this.context.files.scratch)) {
          endGroup(run.pid);
        }
        this.runs.set(run, interrupted(run), true);
      }
    }
    await rm(this.context.files.scratch, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Ends all runs. */
  async close(): Promise<void> {
    this.#stopping = true;
    const all = [...this.#going.values()];
    for (const { stop } of all) {
      stop.abort(new Ended('FAILED'));
    }
    await Promise.all([this.#scripts.close(), ...all.map(({ ended }) => ended)]);
  }

  #follow(run: JobRun, job: JobDefinition, options: JobOptions): Promise<JobRun> {
    const stop = new AbortController();
    const ended = this.#attempt(run, job, options, stop.signal).then(
      () => {
        this.#going.delete(run.id);
        if (run.state === 'FAILED' && run.attempt < (job.MaxRetries ?? 0) && !this.#stopping) {
          const first = run.id.replace(/_attempt_\d+$/, '');
          const next = this.runs.add(record(run.region, job, { ...options, previous: first }, `${first}_attempt_${run.attempt + 1}`, run.attempt + 1));
          this.onRetry(run, next);
          return this.#follow(next, job, options);
        }
        this.onEnd(run);
        return run;
      },
    );
    this.#going.set(run.id, { stop, ended });
    return ended;
  }

  /** Runs the script once and notes how it ended. Never throws. */
  async #attempt(run: JobRun, job: JobDefinition, options: JobOptions, signal: AbortSignal): Promise<void> {
    const { context: host } = this;
    const key = host.accessKeys.issue({ role: roleArn(job.Role), name: 'GlueJobRunnerSession', service: 'glue', region: run.region, id: run.id });
    const secrets = [key.secretAccessKey];
    const clean = (text: string): string => this.#clean(text, secrets);
    const usesSpark = job.Command.Name !== 'pythonshell';
    const [output, errors] = ['output', 'error'].map((name) => new RunLog(host, run.region, `${LOG_GROUP}/${name}`, run.id, clean, key.accessKeyId)) as [RunLog, RunLog];
    const timeout = new AbortController();
    const lost = new AbortController();
    // A Spark Connect server of somebody else's is none of the engine's.
    const forget = usesSpark && host.engine.isOwn ? host.engine.onLoss((why) => lost.abort(why)) : undefined;
    let began: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    let state: JobRun['state'];
    let error: string | undefined;
    try {
      const given = { ...job.DefaultArguments, ...run.arguments, ...job.NonOverridableArguments };
      await this.#mayStart(run, job, given, secrets);
      signal.throwIfAborted();
      const bookmarkOption = given['--job-bookmark-option'];
      const { error: failure, bookmark } = await this.#scripts.run({
        region: run.region,
        accessKey: key.accessKeyId,
        script: given['--scriptLocation'] ?? job.Command.ScriptLocation ?? '',
        arguments: argumentsOf(run, given),
        modules: listOf(given['--extra-py-files']),
        files: listOf(given['--extra-files']),
        environment: { ...(usesSpark && { SPARK_REMOTE: await host.engine.remote() }), ...credentials(host, run.region, key) },
        usesSpark,
        bookmarkOption,
        bookmark: this.bookmark(run.region, run.name)?.bookmark ?? undefined,
        output,
        errors,
        signal: AbortSignal.any([signal, timeout.signal, lost.signal]),
        onStart: (pid) => {
          began = Date.now();
          if (run.state === 'STARTING') {
            this.runs.set(run, { state: 'RUNNING', pid, modifiedOn: began });
          }
          timer = setTimeout(() => timeout.abort(new Ended('TIMEOUT')), minutesOf(job, options) * 60_000);
          timer.unref();
          if (usesSpark && options.followed?.()) {
            this.expect();
          }
          if (given['--additional-python-modules']) {
            errors.line('The sandbox installs no --additional-python-modules: a script can import what its environment has.');
          }
        },
      });
      if (bookmark) {
        this.runs.set(run, { bookmark }, true);
      }
      state = failure === undefined ? 'SUCCEEDED' : 'FAILED';
      error = failure;
    } catch (thrown) {
      const why: unknown = signal.aborted ? signal.reason : lost.signal.aborted ? lost.signal.reason : timeout.signal.aborted ? timeout.signal.reason : thrown;
      state = why instanceof Ended ? why.state : 'FAILED';
      error = why instanceof Ended ? { STOPPED: undefined, TIMEOUT: 'Job run timed out', FAILED: INTERRUPTED }[why.state] : messageOf(why);
      if (!(why instanceof Ended || why instanceof Denied || why instanceof ScriptMissing)) {
        host.log(`job run ${run.id} of ${run.name}: ${messageOf(why)}`);
      }
      if (error !== undefined) {
        errors.line(error);
      }
    }
    clearTimeout(timer);
    forget?.();
    // Whoever sees the end of a run finds its log complete.
    await Promise.all([output.end(), errors.end()]);
    host.accessKeys.revoke(key.accessKeyId);
    const now = Date.now();
    this.runs.set(
      run,
      {
        state,
        modifiedOn: now,
        completedOn: now,
        executionTime: began === undefined ? 0 : Math.max(1, Math.round((now - began) / 1000)),
        ...(error === undefined ? {} : { error: clean(error).slice(0, LONGEST_MESSAGE) }),
      },
      true,
    );
  }

  /** What Glue looks at before it launches a job. */
  async #mayStart(run: JobRun, job: JobDefinition, given: Readonly<Record<string, string>>, secrets: string[]): Promise<void> {
    const { context: host } = this;
    const role = roleArn(job.Role);
    if (await host.authorization.mayBeAssumed(role)) {
      // Also a role that is not there. Of a job's role Glue says it in other words than of a crawler's.
      throw new Denied(`JobName:${run.name} and JobRunId:${run.id} failed to execute with exception Role ${role} should be given assume role permissions for Glue Service.`);
    }
    const denial =
      (run.workflow && (await host.authorization.mayPass(role, role, run.region))) ?? (await host.authorization.missingForJob({ role, region: run.region, arguments: given }));
    if (denial) {
      throw new Denied(denial.message);
    }
    for (const connection of job.Connections?.Connections ?? []) {
      const reach = await host.network.reachConnection(run.region, connection);
      if (!reach.open && FOUND_BEFORE_LAUNCH.test(reach.problem)) {
        throw new Denied(`${connection}: ${reach.problem}`);
      }
      if (reach.password) {
        secrets.push(reach.password, encodeURIComponent(reach.password));
      }
    }
  }

  /** Takes out secrets, and what only this machine has: the addresses that were dialled, the folder of the run. */
  #clean(text: string, secrets: readonly string[]): string {
    let clean = this.context.network.disguise(text).replaceAll(this.#scratch, '/tmp');
    for (const secret of secrets) {
      clean = clean.replaceAll(secret, '***');
    }
    return clean;
  }
}

/** What a run that was cut off has become. */
const interrupted = (run: JobRun): Partial<JobRun> => ({
  state: 'FAILED',
  error: INTERRUPTED,
  modifiedOn: Date.now(),
  completedOn: Date.now(),
  executionTime: Math.round((run.modifiedOn - run.startedOn) / 1000),
});

/** How long a run may take; what says nothing gets the default of its version of Glue. */
function minutesOf(job: JobDefinition, options: JobOptions): number {
  const minutes = options.timeout || job.Timeout || (Number(job.GlueVersion ?? 5) < 5 ? 2_880 : 480);
  return Math.min(minutes, LONGEST_MINUTES);
}

function record(region: string, job: JobDefinition, options: JobOptions, id: string, attempt: number): JobRun {
  const now = Date.now();
  const { MaxCapacity, AllocatedCapacity, WorkerType, NumberOfWorkers, GlueVersion, ExecutionClass } = job;
  return {
    id,
    region,
    name: job.Name,
    startedOn: now,
    modifiedOn: now,
    state: 'STARTING',
    attempt,
    arguments: options.arguments ?? {},
    shown: {
      Timeout: minutesOf(job, options),
      ...(MaxCapacity && { MaxCapacity }),
      ...(AllocatedCapacity && { AllocatedCapacity }),
      ...(WorkerType && { WorkerType }),
      ...(NumberOfWorkers && { NumberOfWorkers }),
      ...(GlueVersion && { GlueVersion }),
      ...(ExecutionClass && { ExecutionClass }),
      ...options.shown,
    },
    ...(options.previous && { previous: options.previous }),
    ...(options.trigger && { trigger: options.trigger }),
    ...(options.workflow && { workflow: options.workflow }),
    ...(options.predecessors?.length && { predecessors: options.predecessors }),
  };
}

/** The command line that Glue gives a script: the job's arguments, and those that say what runs. */
function argumentsOf(run: JobRun, given: Readonly<Record<string, string>>): string[] {
  const all: Record<string, string> = { ...given, '--JOB_NAME': run.name, '--JOB_RUN_ID': run.id };
  if (run.workflow) {
    all['--WORKFLOW_NAME'] = run.workflow.name;
    all['--WORKFLOW_RUN_ID'] = run.workflow.runId;
  }
  return Object.entries(all).flat();
}

const listOf = (commas: string | undefined): string[] => (commas ?? '').split(',').map((item) => item.trim()).filter(Boolean);

function credentials(context: ServiceContext, region: string, key: { accessKeyId: string; secretAccessKey: string }): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: context.endpoint,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    // A user's ~/.aws is out of sight; a machine's is too.
    AWS_CONFIG_FILE: process.platform === 'win32' ? 'NUL' : '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: process.platform === 'win32' ? 'NUL' : '/dev/null',
  };
}

/** A run as GetJobRun shows it. */
export function shownJobRun(run: JobRun): object {
  return {
    Id: run.id,
    Attempt: run.attempt,
    JobName: run.name,
    JobRunState: run.state,
    StartedOn: seconds(run.startedOn),
    LastModifiedOn: seconds(run.modifiedOn),
    CompletedOn: seconds(run.completedOn),
    ExecutionTime: run.executionTime ?? Math.max(0, Math.round((Date.now() - run.startedOn) / 1000)),
    PredecessorRuns: run.predecessors ?? [],
    LogGroupName: LOG_GROUP,
    ...run.shown,
    ...(Object.keys(run.arguments).length > 0 && { Arguments: run.arguments }),
    ...(run.previous && { PreviousRunId: run.previous }),
    ...(run.trigger && { TriggerName: run.trigger }),
    ...(run.error !== undefined && { ErrorMessage: run.error }),
  };
}

/** How far a job has come, as GetJobBookmark shows it. */
export function shownBookmark(run: JobRun): object {
  return { JobName: run.name, Version: 1, Run: 1, Attempt: run.attempt, RunId: run.id, ...(run.bookmark && { JobBookmark: JSON.stringify(run.bookmark) }) };
}
