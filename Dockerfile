# Creator Tiers on Airflow's own image, with exactly the pinned packages.
# WITH=plain (DuckDB and PostgreSQL) or WITH=spark (Java and PySpark beside that, for driver, master and workers).
ARG AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.11
ARG WITH=plain

FROM ${AIRFLOW_IMAGE} AS plain
USER root
# The folders that volumes cover take their owner from here. Any uid works, with gid 0.
RUN mkdir -p /var/lib/creator-tiers /var/lib/creator-tiers-secrets/airflow /var/lib/creator-tiers-secrets/servers \
        /var/lib/spark /opt/creator-tiers \
 && chown -R airflow:0 /var/lib/creator-tiers /var/lib/creator-tiers-secrets /var/lib/spark /opt/creator-tiers \
 && chmod -R g=u /var/lib/creator-tiers /var/lib/creator-tiers-secrets /var/lib/spark
USER airflow
WORKDIR /opt/creator-tiers
COPY --chown=airflow:0 requirements.txt requirements-production.txt ./
# `sync` also removes what the base image brings beside the pins: what was tested is what runs.
RUN uv pip sync --no-cache --compile-bytecode requirements.txt requirements-production.txt && uv pip check

FROM plain AS spark
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends default-jre-headless \
 && rm -rf /var/lib/apt/lists/*
USER airflow
COPY --chown=airflow:0 requirements-spark.txt ./
RUN uv pip install --no-cache --compile-bytecode -r requirements-spark.txt
ENV SPARK_CONF_DIR=/opt/creator-tiers/docker/spark

FROM ${WITH}
# .dockerignore names what this is.
COPY --chown=airflow:0 . .
# An empty airflow.cfg: Airflow would write one, and the image's file system is read-only when it runs.
RUN uv pip install --no-cache --no-deps --editable . \
 && python -m compileall -q include dags docker \
 && touch /opt/airflow/airflow.cfg
ENV CREATOR_TIERS_HOME=/var/lib/creator-tiers \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/creator-tiers/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/creator-tiers/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=false \
    GX_ANALYTICS_ENABLED=false \
    MPLBACKEND=Agg \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    USER=airflow
ENTRYPOINT ["/usr/bin/dumb-init", "--", "/opt/creator-tiers/docker/entrypoint.sh"]
