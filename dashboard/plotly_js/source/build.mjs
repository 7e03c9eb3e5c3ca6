// Builds dashboard/plotly_js/plotly.min.js: plotly.js with the traces and components that Fitboard draws.
// Run it after an update of the plotly package:
//   cd dashboard/plotly_js/source && npm install plotly.js@VERSION --save-exact --ignore-scripts && npm rebuild esbuild && npm run build

import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const library = dirname(createRequire(import.meta.url).resolve("plotly.js/package.json"));
const target = join(here, "..");
const { version } = JSON.parse(readFileSync(join(library, "package.json"), "utf-8"));

// The documentation inside the attributes is a fifth of the source; no drawing reads it.
const STRING = String.raw`(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`;
const DESCRIPTION = new RegExp(
  String.raw`\bdescription: (?:\[\s*${STRING}(?:\s*,\s*${STRING})*\s*,?\s*\]\.join\(['"][^'"]*['"]\)|${STRING}(?=\s*[,}]))`,
  "g",
);

const smaller = {
  name: "smaller",
  setup(building) {
    building.onResolve({ filter: /^culori$/ }, () => ({ path: join(here, "colors.js") }));
    building.onLoad({ filter: /plotly\.js[\\/]src[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf-8").replace(DESCRIPTION, "description: ''"),
    }));
  },
};

const { metafile } = await build({
  entryPoints: [join(here, "bundle.js")],
  outfile: join(target, "plotly.min.js"),
  bundle: true,
  metafile: true,
  minify: true,
  format: "iife",
  globalName: "Plotly",
  target: "es2020",
  define: { global: "window", "define.amd": "false" },
  loader: { ".css": "empty" }, // of maps, which are not in the bundle
  legalComments: "inline",
  banner: { js: `/*! plotly.js v${version} (partial bundle), MIT license, Copyright Plotly, Inc. */` },
  plugins: [smaller],
});

// What the licenses of the bundled packages ask for: their text beside the file.
const packages = Object.keys(metafile.inputs).map((file) => file.match(/^(.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)/)?.[1]);
const licenses = [...new Set(packages.filter(Boolean))].sort().map((folder) => {
  const { name, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} (${license})\n\n${file ? readFileSync(join(folder, file), "utf-8").trim() : ""}\n`;
});
writeFileSync(join(target, "LICENSES.txt"), licenses.join(`\n${"-".repeat(80)}\n\n`));
console.log(`plotly.js ${version}: ${statSync(join(target, "plotly.min.js")).size} bytes`);
