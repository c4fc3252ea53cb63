// Builds the style sheets and the scripts that the web pages load.
// Run: node frontend/build.mjs

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";
import { licences } from "./licences.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = join(root, "src/skillgraph/web/static/dist");

const SCRIPTS = ["editor.js", "editor.css", "figures.js", "network.js", "picker.js", "picker.css"];
const MAP = "node_modules/world-atlas/countries-110m.json";

// What the editor's library may not do here: styles in markup, which the pages' security policy forbids, lists of prefixes
// that are not the graph's, and questions to other hosts.
const PATCHES = [
  [/<strong style='[^']*'>/g, "<strong>"],
  [/, madsrdf = [^]*?prefixes_default = \{[^}]*\}/, ", prefixes_default = {}"],
  [/fetchFromLov = [^]*?, completers = \[[^\]]*\]/, "fetchFromLov = () => [], completers = [conf$3, conf$2]"],
  [/https:\/\/dbpedia\.org\/sparql/, "/sparql"],
];

const patchEditor = {
  name: "patch-editor",
  setup(build) {
    build.onLoad({ filter: /yasqe\.esm\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [found, instead] of PATCHES) {
        if (contents.search(found) < 0) throw new Error(`${basename(path)} no longer contains ${found}`);
        contents = contents.replace(found, () => instead);
      }
      return { contents };
    });
  },
};

async function buildSite() {
  const { css, loadedUrls } = sass.compile(join(root, "frontend/site.scss"), {
    loadPaths: [join(root, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import"],
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true });
  await writeFile(join(output, "site.css"), code);
  return loadedUrls.map((url) => fileURLToPath(url));
}

async function buildScripts() {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: SCRIPTS.map((name) => `frontend/${name}`),
    outdir: output,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    define: { "process.env.COMPONENT_LIBRARY": '"PREACT"', "process.env.NODE_ENV": '"production"' },
    loader: { ".js": "jsx" }, // the picker's library is written in it
    plugins: [patchEditor],
  });
  return Object.keys(metafile.inputs).map((path) => resolve(root, path));
}

async function report() {
  for (const name of ["site.css", ...SCRIPTS]) {
    const content = await readFile(join(output, name));
    console.log(`${name}: ${content.length} bytes, ${gzipSync(content).length} compressed`);
  }
}

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await copyFile(join(root, MAP), join(output, "countries.json"));
const sources = [join(root, MAP), ...(await buildSite()), ...(await buildScripts())];
await writeFile(join(output, "THIRD-PARTY-LICENSES.txt"), await licences(sources, join(root, "node_modules")));
await report();
