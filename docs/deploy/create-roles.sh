#!/bin/sh
# Run once by the PostgreSQL image, on an empty data folder, as its superuser. By hand elsewhere:
#   CSW_OWNER_PASSWORD=... CSW_APP_PASSWORD=... POSTGRES_USER=postgres sh create-roles.sh
# The owner migrates. The application role owns nothing and bypasses no policy, so row-level security binds it.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$CSW_OWNER_PASSWORD" --set app_password="$CSW_APP_PASSWORD" <<'SQL'
CREATE ROLE csw_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'owner_password';
CREATE ROLE csw_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE DATABASE csworkbench OWNER csw_owner;
SQL
