// Collects the licences of the packages whose code ends up in the built files.

import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i;

// Published without a licence file, under the MIT licence; the notice is that of their repository.
const NOTICES = {
  "@zazuko/yasqe": "Copyright © 2018 Ruben Taelman, Triply, Zazuko GmbH",
  "@zazuko/yasgui-utils": "Copyright © 2018 Ruben Taelman, Triply, Zazuko GmbH",
};

function packageOf(path) {
  if (path.includes("/utils/src/")) return "@zazuko/yasgui-utils";
  return path.replaceAll("\\", "/").match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
}

// A file that was bundled by its author names what went into it in its source map.
async function origins(path) {
  if (!existsSync(`${path}.map`)) return [path];
  const { sources } = JSON.parse(await readFile(`${path}.map`, "utf8"));
  return [path, ...sources];
}

async function mitText(folder) {
  const text = await readFile(join(folder, "bootstrap/LICENSE"), "utf8");
  return text.slice(text.indexOf("Permission is hereby granted")).trim();
}

async function licenceText(name, folder) {
  if (NOTICES[name]) return `The MIT License (MIT)\n\n${NOTICES[name]}\n\n${await mitText(folder)}`;
  const files = (await readdir(join(folder, name))).filter((file) => LICENCE_FILE.test(file)).sort();
  if (files.length === 0) throw new Error(`${name} has no licence file: add its notice to frontend/licences.mjs`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, name, file), "utf8")));
  return texts.map((text) => text.trim()).join("\n\n");
}

async function entry(name, folder) {
  const { version, license } = JSON.parse(await readFile(join(folder, name, "package.json"), "utf8"));
  return `${name} ${version} (${license})\n${"=".repeat(72)}\n\n${await licenceText(name, folder)}\n`;
}

/** Return the licences of all packages that the given files belong to, as one text. */
export async function licences(paths, folder) {
  const all = (await Promise.all(paths.map(origins))).flat();
  const names = [...new Set(all.map(packageOf).filter(Boolean))].sort();
  const entries = await Promise.all(names.map((name) => entry(name, folder)));
  return `The style sheets and scripts in this folder contain code of these packages.\n\n\n${entries.join("\n\n")}`;
}
