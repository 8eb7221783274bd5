import { findPackageJSON } from "node:module";
import { dirname } from "node:path";

/** The folder of views, public, migrations and src, for a file of src as for the bundle that `npm start` runs. */
export const root = dirname(packageJson());

function packageJson(): string {
  const found = findPackageJSON(".", import.meta.url);
  if (!found) throw new Error("There is no package.json above this program.");
  return found;
}
