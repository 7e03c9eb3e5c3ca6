"use strict";

// plotly.js's own src/core.js, without sliders, menus, range selectors, saved images and the schema.

const Registry = require("plotly.js/src/registry");
const plotApi = require("plotly.js/src/plot_api");

require("plotly.js/build/plotcss");
require("./array_attributes");

exports.version = require("plotly.js/src/version").version;
exports.register = Registry.register;

for (const [name, fn] of Object.entries(plotApi)) {
  if (!name.startsWith("_")) exports[name] = fn;
  Registry.register({ moduleType: "apiMethod", name, fn });
}

Registry.register([
  require("plotly.js/src/traces/scatter"),
  require("plotly.js/lib/heatmap"),
]);

// Plotly's order: a legend's defaults depend on the shapes, a unified hover's on the legends.
Registry.register([
  require("plotly.js/src/components/annotations"),
  require("plotly.js/src/components/selections"),
  require("plotly.js/src/components/shapes"),
  require("plotly.js/src/components/images"),
  require("plotly.js/src/components/grid"),
  require("plotly.js/src/components/errorbars"),
  require("plotly.js/src/components/colorscale"),
  require("plotly.js/src/components/colorbar"),
  require("plotly.js/src/components/legend"),
  require("plotly.js/src/components/fx"),
  require("plotly.js/src/components/modebar"),
]);

Registry.register([require("plotly.js/src/locale-en"), require("plotly.js/src/locale-en-us")]);

const Fx = require("plotly.js/src/components/fx");
exports.Fx = { hover: Fx.hover, unhover: Fx.unhover };
exports.Plots = { resize: require("plotly.js/src/plots/plots").resize };
