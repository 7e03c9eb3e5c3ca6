"""Import MLflow in the forkserver, so that runs need not: its client, its mapped database store and its Keras flavor.

This opens nothing and starts no thread.
"""

from trainer.tracking.mlflow_settings import quieten, set_environment

set_environment()

import mlflow.keras  # noqa: E402
import mlflow.models.signature  # noqa: E402
import mlflow.store.artifact.local_artifact_repo  # noqa: E402
import mlflow.store.tracking.rest_store  # noqa: E402
import mlflow.store.tracking.sqlalchemy_store  # noqa: E402
import mlflow.system_metrics.system_metrics_monitor  # noqa: E402
import mlflow.tracking.client  # noqa: E402, F401
from sqlalchemy.orm import configure_mappers  # noqa: E402

import trainer.tracking.read.sql_reader  # noqa: E402
import trainer.tracking.record.recorder  # noqa: E402
import trainer.tracking.write.store  # noqa: E402, F401
from trainer.tracking.record.environment import package_versions  # noqa: E402
from trainer.tracking.write.model import warm  # noqa: E402

__all__: list[str] = []

# SQLAlchemy would otherwise configure the mappers at the first query of every run.
configure_mappers()
warm()
package_versions()
quieten()
