/*
 * The floors of the house: an import goes to the same room or a lower floor, never sideways or up. A folder that is in
 * no row may import nothing of ours until it is given a floor here.
 */
const floors = [
  ["lib"],
  ["platform"],
  ["identity", "practices", "ledger", "credit"],
  ["accounts", "rules", "training"],
  ["applications", "transactions", "statements", "deposits", "support", "resources", "enrolment"],
  ["reports", "dashboard", "console", "admin", "status"],
];
const roof = [
  "main",
  "app",
  "parts",
  "frame",
  "answer-error",
  "background",
  "nightly",
  "navigation",
  "simulate",
  "commands",
  "demo",
  "dev",
];
/** What is started from outside: everything else is reached from here. */
const started = "^src/(main|simulate|commands/[a-z-]+)\\.ts$";

/** Neighbours on one floor that may be imported, each for a reason. */
const sideways = {
  practices: ["credit"], // the plans that a practice offers are plans of the engine
};

/** Arithmetic: no database, no clock, no request; nothing but its own files and `lib`. */
const pure = ["lib", "credit"];

const rooms = floors.flatMap((names, floor) => names.map((name) => ({ name, floor })));
const folder = (names) => `^src/(${names.join("|")})/`;
const roofs = `^src/(${roof.join("|")})(/|\\.ts$)`;

const floorRules = rooms.map(({ name, floor }) => {
  const below = pure.includes(name) ? ["lib"] : floors.slice(0, floor).flat();
  return {
    name: `${name}-imports-lower-floors-only`,
    comment: `${name}/ may import ${[...below, ...(sideways[name] ?? [])].join(", ") || "nothing of ours"}`,
    severity: "error",
    from: { path: folder([name]) },
    to: { path: "^src/", pathNot: folder([name, ...below, ...(sideways[name] ?? [])]) },
  };
});

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: "every-room-has-a-floor",
      comment: "a new folder of src is given its floor in .dependency-cruiser.cjs first",
      severity: "error",
      from: { path: "^src/", pathNot: [folder(rooms.map(({ name }) => name)), roofs] },
      to: {},
    },
    {
      name: "pure-rooms-import-no-package",
      comment: "lib/ and credit/ compute; what they need of the world is an argument",
      severity: "error",
      from: { path: folder(pure) },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-peer", "npm-bundled"] },
    },
    {
      name: "simulate-is-the-engine-alone",
      severity: "error",
      from: { path: "^src/simulate\\.ts$" },
      to: { path: "^src/", pathNot: folder(pure) },
    },
    {
      name: "express-stays-in-routes",
      comment: "verbs and queries never see a request",
      severity: "error",
      from: {
        path: folder(rooms.map(({ name }) => name)),
        pathNot: [
          "^src/platform/",
          "/[a-z-]*routes\\.ts$",
          "^src/identity/(viewer|permissions|maintenance-gate|birthday-gate|web-session|device-cookie)\\.ts$",
        ],
      },
      to: { path: "node_modules/(@types/)?express/" },
    },
    {
      name: "no-cycles",
      comment: "types may speak of each other; what runs may not wait for itself",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unused-files",
      comment: "nothing that is started leads to this file",
      severity: "error",
      from: { path: started },
      to: { path: "^src/", pathNot: [started], reachable: false },
    },
    {
      name: "no-tests-in-src",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tests|migrations)/" },
    },
    {
      name: "no-dev-dependency-in-src",
      comment: "`npm ci --omit=dev` has to be enough to run",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev"], pathNot: "node_modules/@types/" },
    },
    {
      name: "only-what-package.json-names",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    { name: "only-what-is-there", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    // Without swc, and with TypeScript 7, which has no API for it, nothing would be read, and nothing found.
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
    combinedDependencies: false,
  },
};
