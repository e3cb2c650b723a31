#!/bin/bash
# Runs once, on an empty volume: a database and a login for each purpose. The roles are those of the PostgreSQL runbook.
set -euo pipefail
psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set airflow `cat /run/creator-tiers/airflow`
\set pipeline `cat /run/creator-tiers/creator_tiers_pipeline`
\set state `cat /run/creator-tiers/creator_tiers_state`
\set reader `cat /run/creator-tiers/creator_tiers_reader`
REVOKE ALL ON DATABASE postgres FROM PUBLIC;

CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE DATABASE airflow OWNER airflow ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE airflow FROM PUBLIC;

CREATE ROLE creator_tiers_state LOGIN PASSWORD :'state';
CREATE DATABASE creator_tiers_state OWNER creator_tiers_state ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE creator_tiers_state FROM PUBLIC;

CREATE ROLE creator_tiers_loader NOLOGIN;
CREATE ROLE creator_tiers_analyst NOLOGIN;
CREATE ROLE creator_tiers_pipeline LOGIN PASSWORD :'pipeline' IN ROLE creator_tiers_loader, creator_tiers_analyst;
CREATE ROLE creator_tiers_reader LOGIN PASSWORD :'reader' IN ROLE creator_tiers_analyst;
CREATE DATABASE creator_tiers ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE creator_tiers FROM PUBLIC;
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE creator_tiers TO creator_tiers_loader;
GRANT CONNECT ON DATABASE creator_tiers TO creator_tiers_analyst;
SQL
