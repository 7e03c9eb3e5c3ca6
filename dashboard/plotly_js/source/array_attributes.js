"use strict";

// plotly.js (4.1.1) walks its whole schema for each trace, a third of the time of a chart of 500 runs. What the walk
// finds in the schema depends on the kind of trace alone, so it is kept; each trace is only looked into.

const Lib = require("plotly.js/src/lib");
const PlotSchema = require("plotly.js/src/plot_api/plot_schema");
const baseAttributes = require("plotly.js/src/plots/attributes");

const kept = new Map(); // attributes → paths

// The attributes that may hold an array with a value for each point: their names, and which hold a list of objects.
function pathsIn(attributes) {
  if (kept.has(attributes)) return kept.get(attributes);
  const found = [];
  let names = [];
  let lists = [];
  PlotSchema.crawl(attributes, (attribute, name, _, level) => {
    names = [...names.slice(0, level), name];
    lists = [...lists.slice(0, level), !!attribute?._isLinkedToArray];
    const isTick = names[level - 1] === "colorbar" && (name === "ticktext" || name === "tickvals");
    if ((attribute?.valType === "data_array" || attribute?.arrayOk === true) && !isTick) found.push({ names, lists });
  });
  kept.set(attributes, found);
  return found;
}

function look(container, { names, lists }, place, before, found) {
  const item = container[names[place]];
  const path = before + names[place];
  if (place === names.length - 1) {
    if (Lib.isArrayOrTypedArray(item)) found.push(path);
  } else if (!lists[place]) {
    if (Lib.isPlainObject(item)) look(item, { names, lists }, place + 1, `${path}.`, found);
  } else if (Array.isArray(item)) {
    for (const [index, each] of item.entries()) {
      if (Lib.isPlainObject(each)) look(each, { names, lists }, place + 1, `${path}[${index}].`, found);
    }
  }
}

PlotSchema.findArrayAttributes = (trace) => {
  const found = [];
  for (const attributes of [baseAttributes, trace._module?.attributes]) {
    for (const path of attributes ? pathsIn(attributes) : []) look(trace, path, 0, "", found);
  }
  return found;
};
