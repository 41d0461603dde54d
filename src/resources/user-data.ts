import type { Names } from './names.ts';

const getPassword = (names: Names): string =>
  `password=$(aws ssm get-parameter --region ${names.region} --name ${names.passwordParameter} --with-decryption --query Parameter.Value --output text)`;

/**
 * Makes the database's user, with the password of the variable `password`, and runs more SQL after that. The password passes on standard input.
 *
 * It is kept as MD5: Glue's crawlers and connection tests log in with Glue's default driver, which cannot do SCRAM, and a driver of one's own
 * can be tested by no console. Nobody outside the security group reaches the server, and the password is long and random.
 *
 * Source: https://docs.aws.amazon.com/glue/latest/dg/console-connections-jdbc-drivers.html, 2026-11-28
 */
const setPassword = ({ sourceUser }: Names, ...more: string[]): string => `cd /tmp
{
  printf "\\\\set password '%s'\\n" "$password"
  cat <<'SQL'
SET password_encryption = 'md5';
SELECT 'CREATE ROLE ${sourceUser} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${sourceUser}') \\gexec
${[`ALTER ROLE ${sourceUser} PASSWORD :'password';`, ...more].join('\n')}
SQL
} | sudo -u postgres psql -v ON_ERROR_STOP=1 -q
unset password`;

/** A script for the instance that gives the database's user the password that the parameter holds now. */
export const renewPassword = (names: Names): string => `for i in $(seq 12); do ${getPassword(names)} && break; sleep 5; done
if [ -n "$password" ]; then
${setPassword(names)}
fi`;

/** A script for the instance that tries whether PostgreSQL, at its private address, takes the password that the parameter holds. */
export const tryPassword = (names: Names, address: string): string => `${getPassword(names)} 2>/dev/null
PGPASSWORD="$password" psql -w -XqAt -h ${address} -U ${names.sourceUser} -d ${names.sourceDatabase} -c "SELECT 'password:accepted'" 2>&1
unset password`;

/**
 * What {@link tryPassword} printed: undefined where something else than the password is in the way.
 *
 * Source: our own (PostgreSQL's words, not AWS's), 2026-11-28
 */
export function isPasswordAccepted(output: string): boolean | undefined {
  return output.includes('password:accepted') ? true : /password authentication failed|no password supplied/.test(output) ? false : undefined;
}

/**
 * What the instance runs at its first start: installs PostgreSQL and makes the database and its user.
 *
 * It holds no secret: the password is fetched with the instance's own role, as soon as role and network exist, and passed to psql on standard
 * input. Written to be repeated, since cloud-init may be cut short.
 */
export function databaseUserData(names: Names, vpcCidr: string): string {
  const data = '/var/lib/pgsql/data';
  return `#!/bin/bash
set -euo pipefail
until dnf install -y postgresql17-server postgresql17; do sleep 10; done
[ -f ${data}/PG_VERSION ] || postgresql-setup --initdb
cat > ${data}/conf.d.lake <<'CONF'
listen_addresses = '*'
password_encryption = 'md5'
CONF
grep -q conf.d.lake ${data}/postgresql.conf || echo "include = 'conf.d.lake'" >> ${data}/postgresql.conf
grep -q lake-tutorial ${data}/pg_hba.conf || echo "host ${names.sourceDatabase} ${names.sourceUser} ${vpcCidr} md5 # lake-tutorial" >> ${data}/pg_hba.conf
chown postgres:postgres ${data}/conf.d.lake
systemctl enable postgresql
systemctl restart postgresql
set +x
until ${getPassword(names)}; do sleep 10; done
${setPassword(names, `SELECT 'CREATE DATABASE ${names.sourceDatabase} OWNER ${names.sourceUser}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${names.sourceDatabase}') \\gexec`)}
`;
}
