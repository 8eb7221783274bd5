import { defineConfig } from "rolldown";

/**
 * What `npm start` runs: the portal and its libraries in a few files, without what is never called. 1,200 modules of
 * their own, their comments among them, are 20 MB of memory and half a second of each start.
 */
export default defineConfig({
  input: "src/main.ts",
  platform: "node",
  // Programs, tables that are read when they are asked for, and the drivers of other databases.
  external: [
    "argon2",
    "@resvg/resvg-js",
    "iconv-lite",
    /^(better-sqlite3|mariadb\/callback|mysql2?|oracledb|pg-native|pg-query-stream|sqlite3|tedious)$/,
    /^(libsql|@libsql\/.*)$/,
  ],
  output: {
    dir: "dist",
    // Names stay: they stand in the log where something failed.
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  },
});
