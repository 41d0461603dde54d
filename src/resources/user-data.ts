import type { Names } from './names.ts';

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
password_encryption = 'scram-sha-256'
CONF
grep -q conf.d.lake ${data}/postgresql.conf || echo "include = 'conf.d.lake'" >> ${data}/postgresql.conf
grep -q lake-tutorial ${data}/pg_hba.conf || echo "host ${names.sourceDatabase} ${names.sourceUser} ${vpcCidr} scram-sha-256 # lake-tutorial" >> ${data}/pg_hba.conf
chown postgres:postgres ${data}/conf.d.lake
systemctl enable postgresql
systemctl restart postgresql
set +x
until password=$(aws ssm get-parameter --region ${names.region} --name ${names.passwordParameter} --with-decryption --query Parameter.Value --output text); do sleep 10; done
cd /tmp
{
  printf "\\\\set password '%s'\\n" "$password"
  cat <<'SQL'
SELECT 'CREATE ROLE ${names.sourceUser} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${names.sourceUser}') \\gexec
ALTER ROLE ${names.sourceUser} PASSWORD :'password';
SELECT 'CREATE DATABASE ${names.sourceDatabase} OWNER ${names.sourceUser}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${names.sourceDatabase}') \\gexec
SQL
} | sudo -u postgres psql -v ON_ERROR_STOP=1 -q
unset password
`;
}
