-- The three roles and what they may do. Safe to repeat.
--
-- Run in template1 before the database `roundtable` is created, so that every database made
-- from it has the same default privileges: the demo's, the tests' and production's
-- (mentoring/embedded.py and deploy/database.sh both run this file). Plain SQL: no psql commands.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'roundtable_owner') THEN
    CREATE ROLE roundtable_owner;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'roundtable_app') THEN
    CREATE ROLE roundtable_app;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'roundtable_backup') THEN
    CREATE ROLE roundtable_backup;
  END IF;
END $$;

-- Migrations: owns the tables, and row-level security binds it all the same (FORCE).
-- CREATEDB lets the test run make its own database.
ALTER ROLE roundtable_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Web and workers: rows only, and only those of the organisation at hand.
ALTER ROLE roundtable_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- pg_dump: reads everything, writes nothing. A dump fails under forced row-level security otherwise.
ALTER ROLE roundtable_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;
GRANT pg_read_all_data TO roundtable_backup;

-- The owner of a database may create in its schema public (pg_database_owner); nobody else may.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- No TRUNCATE, and no sequences: identity columns need no grant, and a readable sequence tells counts.
ALTER DEFAULT PRIVILEGES FOR ROLE roundtable_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO roundtable_app;
