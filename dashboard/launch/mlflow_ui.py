"""MLflow's UI: where its server listens, the host names it accepts, and the URL of links to it."""

from dataclasses import dataclass, replace

from dashboard.environment import HOST_IN_LINK
from dashboard.launch.site import Site
from trainer.home import Home
from trainer.tracking.artifact_root import artifact_root

__all__ = ["MlflowUi"]


@dataclass(frozen=True, kw_only=True)
class MlflowUi:
    """MLflow's server as `up` runs it. Its `base_url` is where a proxy serves it, beside the dashboard.

    Args:
        site: where it listens.
        beside_proxy: whether the dashboard itself is reached through a proxy.
        beside_sign_in: whether people have to sign in to the dashboard, as they do not to this.
    """

    site: Site
    beside_proxy: bool = False
    beside_sign_in: bool = False

    def on_port(self, port: int) -> "MlflowUi":
        """Return the same UI on another port."""
        return replace(self, site=replace(self.site, port=port))

    @property
    def link(self) -> str:
        """The base URL of links on the pages; contains `HOST_IN_LINK` if the host depends on the browser."""
        if self.site.base_url or not self.site.is_shared:
            return self.site.url
        return f"http://{HOST_IN_LINK}:{self.site.port}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes to print if the links on the pages work only on this machine, or for those who did not sign in too."""
        if self.beside_sign_in and self.site.base_url:
            return (
                f"MLflow's UI asks nobody to sign in: anyone who can reach {self.site.base_url} can change and delete "
                "every run, unless the proxy asks them.",
            )
        if self.beside_proxy and not self.site.base_url and not self.site.is_shared:
            return (
                f"Links to MLflow point to {self.site.url}, which only this machine can reach; if the proxy also "
                "serves MLflow, pass its URL with --mlflow-url.",
            )
        return ()

    @property
    def arguments(self) -> list[str]:
        """The arguments of uvicorn."""
        return ["--host", self.site.host, "--port", str(self.site.port), "--log-level", "warning"]

    def environment(self, tracking_uri: str, home: Home) -> dict[str, str]:
        """Return the environment variables of MLflow's server.

        It runs in one process without job runners: 5 s and 190 MB instead of 16 s and 1.9 GB. By default MLflow accepts
        every private address as its host, and refuses changes from pages of any host but localhost.
        """
        names = [f"[{name}]" if ":" in name else name for name in self.site.names]
        patterns = [name.replace("[", "[[]", 1) for name in names]  # MLflow matches by fnmatch
        origins = [f"http://{name}:{self.site.port}" for name in names]
        if self.site.base_url:
            origins.append(self.site.base_url.removesuffix(self.site.path))
        root = artifact_root(home)
        server = {
            "_MLFLOW_SERVER_FILE_STORE": tracking_uri,
            "_MLFLOW_SERVER_ARTIFACT_ROOT": root,
            "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": root,
            "_MLFLOW_SGI_NAME": "uvicorn",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join([*names, *(f"{pattern}:*" for pattern in patterns)]),
            "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": ",".join(origins),
        }
        return server | ({"_MLFLOW_STATIC_PREFIX": self.site.path} if self.site.path else {})
