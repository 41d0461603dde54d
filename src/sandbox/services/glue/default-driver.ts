import { connect } from 'node:net';

/** A login with SCRAM, as PostgreSQL's protocol counts it. Source: https://www.postgresql.org/docs/current/protocol-message-formats.html (AuthenticationSASL), 2026-11-28. */
const SASL = 10;
const TIMEOUT_MS = 10_000;

/**
 * Why Glue's own driver for PostgreSQL, which crawlers and connection tests use, cannot log in: it is older than SCRAM. A job of Glue 5.0
 * has a newer one. Nothing when the server asks for something else, or says something else, which the login itself will tell.
 *
 * Source: https://docs.aws.amazon.com/glue/latest/dg/console-connections-jdbc-drivers.html, 2026-11-28
 * Source: geonetwork/core-geonetwork#7649 (the driver's words), 2026-11-28
 */
export async function defaultDriverFails(host: string, port: number, { user, database }: { readonly user: string; readonly database: string }): Promise<string | undefined> {
  const asked = await authenticationOf(host, port, user, database);
  return asked === SASL
    ? 'The authentication type 10 is not supported. Check that you have configured the pg_hba.conf file to include the client\'s IP address or subnet, and that it is using an authentication scheme supported by the driver.'
    : undefined;
}

/** How a server wants somebody to log in: the number of its authentication request. */
function authenticationOf(host: string, port: number, user: string, database: string): Promise<number | undefined> {
  const parameters = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const startup = Buffer.alloc(8);
  startup.writeInt32BE(startup.length + parameters.length, 0);
  // Version 3.0 of the protocol.
  startup.writeInt32BE(3 << 16, 4);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let answer = Buffer.alloc(0);
    const end = (found?: number): void => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(TIMEOUT_MS, () => end());
    socket.once('error', () => end());
    socket.once('close', () => end());
    socket.once('connect', () => socket.write(Buffer.concat([startup, parameters])));
    socket.on('data', (piece) => {
      answer = Buffer.concat([answer, piece]);
      if (answer.length >= 9) {
        end(String.fromCharCode(answer[0] ?? 0) === 'R' ? answer.readInt32BE(5) : undefined);
      }
    });
  });
}
