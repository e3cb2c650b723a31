"""The page in Airflow's UI: the published weekly reports, read from `reports/` and from nowhere else.

`app.create_app(reports, guard)` makes it; `guard` is Airflow's own authorisation. It opens no warehouse.
"""
