#!/bin/bash
# What a container of this image runs: `creator-tiers ...`, `spark-class ...`, else what Airflow's own entrypoint makes of it.
set -euo pipefail
umask 0002

# Tasks go to Celery's workers where the profile `celery` brings their queue; AIRFLOW_EXECUTOR says otherwise.
if [ -z "${AIRFLOW__CORE__EXECUTOR:-}" ]; then
  AIRFLOW__CORE__EXECUTOR=LocalExecutor
  if getent hosts redis >/dev/null; then AIRFLOW__CORE__EXECUTOR=CeleryExecutor; fi
  export AIRFLOW__CORE__EXECUTOR
fi

case "${1:-}" in
  creator-tiers | spark-class | /*) exec "$@" ;;
  *) exec /entrypoint "$@" ;;
esac
