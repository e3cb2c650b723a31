#!/bin/bash
# Before Airflow's services start: its tables, the pools, the first user. Each run of it ends the same.
set -euo pipefail
airflow db migrate
python /opt/creator-tiers/docker/pools.py >/tmp/pools.json
airflow pools import /tmp/pools.json
if ! airflow users list --output plain 2>/dev/null | awk '$2 == "admin" { found = 1 } END { exit !found }'; then
  airflow users create --username admin --role Admin --firstname Airflow --lastname Admin --email admin@example.com \
    --password "$(cat /var/lib/creator-tiers-secrets/airflow/admin_password)" >/dev/null
fi
