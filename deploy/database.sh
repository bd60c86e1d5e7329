#!/bin/sh
# First start of the production database: roles, their passwords, and the database itself.
# The image's entrypoint runs it once, when its volume is empty; by hand, run it where psql
# reaches the server as a superuser. It needs three passwords in the environment.
set -eu
: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}" "${BACKUP_PASSWORD:?}"

# In template1 first, so that the database made from it has the default privileges.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
  --dbname template1 --file "${ROLES_SQL:-/roles.sql}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
  --dbname postgres <<'SQL'
\getenv owner OWNER_PASSWORD
\getenv app APP_PASSWORD
\getenv backup BACKUP_PASSWORD
SET password_encryption = 'scram-sha-256';
-- Only the tests make databases.
ALTER ROLE roundtable_owner NOCREATEDB PASSWORD :'owner';
ALTER ROLE roundtable_app PASSWORD :'app';
ALTER ROLE roundtable_backup PASSWORD :'backup';
CREATE DATABASE roundtable OWNER roundtable_owner;
SQL
