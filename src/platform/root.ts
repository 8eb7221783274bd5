import { findPackageJSON } from "node:module";
import { dirname } from "node:path";

/** The folder of views, public, migrations and src, for a file of src as for the bundle that `npm start` runs. */
export const root = dirname(findPackageJSON(".", import.meta.url) ?? "");
