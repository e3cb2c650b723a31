"""Airflow on this machine: the real scheduler, DAG processor and API server, with SQLite, for as long as needed.

`python -m creator_tiers.airflow_local run` drives the three DAGs once, `up` keeps Airflow running with its UI,
`airflow ...` calls Airflow's own command line in the same home. Everything lives in `$CREATOR_TIERS_HOME/airflow`.
See docs/adr/0002-local-runner-drives-real-airflow.md for why.
"""
