#!/bin/sh
# First start of the production database: roles, their passwords, and the database itself.
# The image's entrypoint runs it once, when its volume is empty; by hand, run it where psql
# reaches the server as a superuser. Run again it sets the passwords anew and makes what is
# missing. Each password comes from NAME or from the file NAME_FILE.
set -eu
for name in OWNER_PASSWORD APP_PASSWORD BACKUP_PASSWORD; do
  eval "file=\${${name}_FILE:-}"
  [ -z "$file" ] || eval "$name=\$(cat \"\$file\")"
  eval "export $name; : \"\${$name:?}\""
done
run() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" "$@"; }

# In template1 first, so that the database made from it has the default privileges.
run --dbname template1 --file "${ROLES_SQL:-/deploy/roles.sql}"
run --dbname postgres <<'SQL'
\getenv owner OWNER_PASSWORD
\getenv app APP_PASSWORD
\getenv backup BACKUP_PASSWORD
SET password_encryption = 'scram-sha-256';
-- Only the tests make databases.
ALTER ROLE roundtable_owner NOCREATEDB PASSWORD :'owner';
ALTER ROLE roundtable_app PASSWORD :'app';
ALTER ROLE roundtable_backup PASSWORD :'backup';
SELECT 'CREATE DATABASE roundtable OWNER roundtable_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'roundtable') \gexec
SQL
