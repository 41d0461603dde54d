import type { GlueConnection } from '../ec2/network.ts';
import type { Service } from '../../kernel/service.ts';
import type { ServiceContext } from '../context.ts';
import type { Call, Route } from '../../kernel/router.ts';
import { defaultDriverFails } from './default-driver.ts';
import { ControlPlaneError } from '../../kernel/control-plane-client.ts';

/** What Glue says before the driver's own words when a login fails. */
const CHECK = 'Check that your connection definition references your JDBC database with correct URL syntax, username, and password.';

/** Glue's TestConnection: the way through the modelled network, then a login at the real database. */
export class Connections implements Service {
  // Source: botocore glue 1.44.5 TestConnection, 2026-11-28
  readonly routes: readonly Route[] = [{ service: 'glue', action: 'TestConnection', handle: (call) => this.#test(call) }];

  constructor(private readonly context: ServiceContext) {}

  /**
   * Source: https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html, 2026-11-28
   * Source: none found (tried: docs search for the words of a failed login), 2026-11-28
   */
  async #test(call: Call): Promise<void> {
    const { network } = this.context;
    const input = await call.json<{ ConnectionName?: string; TestConnectionInput?: Omit<GlueConnection, 'Name'> }>();
    const named = input.ConnectionName;
    try {
      const found = await network.reachConnection(call.operation.region, named ?? { Name: '', ...input.TestConnectionInput });
      if (!found.open) {
        call.fail('InvalidInputException', found.problem);
        return;
      }
      const problem = (await defaultDriverFails(found.host, found.port, found)) ?? (await this.context.postgres.login(found.port, found));
      if (problem === undefined) {
        call.reply({});
      } else {
        call.fail('InvalidInputException', `${CHECK} ${network.disguise(problem)}`);
      }
    } catch (error) {
      if (!(error instanceof ControlPlaneError) || error.status >= 500) {
        throw error;
      }
      call.fail(error.code, error.message, error.status);
    }
  }
}
