#!/bin/bash
# What a container of this image runs: `creator-tiers ...`, `spark-class ...`, else what Airflow's own entrypoint makes of it.
set -euo pipefail
umask 0002

# docker-compose.yaml leaves two settings empty, to be found out here. Elsewhere (Kubernetes) they are set, or not there.
# Tasks go to Celery's workers where the profile `celery` brings their queue; AIRFLOW_EXECUTOR says otherwise.
if [ "${AIRFLOW__CORE__EXECUTOR-elsewhere}" = "" ]; then
  AIRFLOW__CORE__EXECUTOR=LocalExecutor
  if getent hosts redis >/dev/null; then AIRFLOW__CORE__EXECUTOR=CeleryExecutor; fi
  export AIRFLOW__CORE__EXECUTOR
fi
# Under a sub-path (AIRFLOW_BASE_URL=https://example.com/airflow) the tasks' API is there too.
if [ "${AIRFLOW__CORE__EXECUTION_API_SERVER_URL-elsewhere}" = "" ]; then
  path=$(sed -E 's|^[^/]*//[^/]*||; s|/*$||' <<<"${AIRFLOW__API__BASE_URL:-}")
  export AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://airflow-api-server:8080$path/execution/"
fi

case "${1:-}" in
  creator-tiers | spark-class | /*) exec "$@" ;;
  *) exec /entrypoint "$@" ;;
esac
