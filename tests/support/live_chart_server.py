"""Serves the page of `live_chart_app` with the script that its charts need.

python -m tests.support.live_chart_server PORT
"""

import sys
from pathlib import Path

import streamlit as st
import uvicorn

from dashboard.launch.chart_files import chart_routes


def main(port: int) -> None:
    """Serve the page on loopback until SIGTERM."""
    app = st.App(Path(__file__).with_name("live_chart_app.py"), routes=chart_routes(""))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
