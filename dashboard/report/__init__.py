"""A comparison as one HTML file, which opens without a server and holds its numbers."""

from dashboard.report.html_text import report_html
from dashboard.report.material import Material, Sources, curve_metrics, material
from dashboard.report.write import write_report

__all__ = ["Material", "Sources", "curve_metrics", "material", "report_html", "write_report"]
