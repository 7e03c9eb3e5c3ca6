"""MLflow's tables, with only the columns that are read here.

MLflow maps them too, but importing its mapping loads all of MLflow, which takes seconds. A test holds these
against MLflow's own.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, MetaData, String, Table, Text

__all__ = [
    "datasets",
    "experiment_tags",
    "experiments",
    "input_tags",
    "inputs",
    "latest_metrics",
    "logged_models",
    "metadata",
    "metrics",
    "params",
    "runs",
    "tags",
]

metadata = MetaData()

experiments = Table(
    "experiments",
    metadata,
    Column("experiment_id", Integer, primary_key=True),
    Column("name", String(256)),
    Column("lifecycle_stage", String(32)),
)

experiment_tags = Table(
    "experiment_tags",
    metadata,
    Column("key", String(250), primary_key=True),
    Column("value", Text),
    Column("experiment_id", Integer, primary_key=True),
)

runs = Table(
    "runs",
    metadata,
    Column("run_uuid", String(32), primary_key=True),
    Column("name", String(250)),
    Column("user_id", String(256)),
    Column("status", String(20)),
    Column("start_time", BigInteger),
    Column("end_time", BigInteger),
    Column("lifecycle_stage", String(20)),
    Column("artifact_uri", String(200)),
    Column("experiment_id", Integer),
)

tags = Table(
    "tags",
    metadata,
    Column("key", String(250), primary_key=True),
    Column("value", String(8000)),
    Column("run_uuid", String(32), primary_key=True),
)

params = Table(
    "params",
    metadata,
    Column("key", String(250), primary_key=True),
    Column("value", String(8000)),
    Column("run_uuid", String(32), primary_key=True),
)

latest_metrics = Table(
    "latest_metrics",
    metadata,
    Column("key", String(250), primary_key=True),
    Column("value", Float(precision=53)),
    Column("timestamp", BigInteger),
    Column("step", BigInteger),
    Column("is_nan", Boolean),
    Column("run_uuid", String(32), primary_key=True),
)

metrics = Table(
    "metrics",
    metadata,
    Column("key", String(250), primary_key=True),
    Column("value", Float(precision=53), primary_key=True),
    Column("timestamp", BigInteger, primary_key=True),
    Column("step", BigInteger, primary_key=True),
    Column("is_nan", Boolean, primary_key=True),
    Column("run_uuid", String(32), primary_key=True),
)

datasets = Table(
    "datasets",
    metadata,
    Column("dataset_uuid", String(36)),
    Column("experiment_id", Integer, primary_key=True),
    Column("name", String(500), primary_key=True),
    Column("digest", String(36), primary_key=True),
)

inputs = Table(
    "inputs",
    metadata,
    Column("input_uuid", String(36)),
    Column("source_type", String(36), primary_key=True),
    Column("source_id", String(36), primary_key=True),
    Column("destination_type", String(36), primary_key=True),
    Column("destination_id", String(36), primary_key=True),
)

input_tags = Table(
    "input_tags",
    metadata,
    Column("input_uuid", String(36), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("value", String(500)),
)

logged_models = Table(
    "logged_models",
    metadata,
    Column("model_id", String(36), primary_key=True),
    Column("artifact_location", String(1000)),
    Column("source_run_id", String(32)),
)
