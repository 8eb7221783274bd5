import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest. Where no earlier run is remembered, as in CI, Vitest begins with the largest, and some
 * of these are small: begun last, they would run alone while the other core waits.
 */
const longest = [
  "browser/gallery.test.ts",
  "roles.test.ts",
  "browser/first-sale.test.ts",
  "start/start.test.ts",
  "faults/mix.test.ts",
  "demo/demo.test.ts",
  "platform/embedded-postgres.test.ts",
  "browser/links.test.ts",
  "identity/redis.test.ts",
  "faults/one-by-one.test.ts",
];

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((name) => moduleId.endsWith(`/tests/${name}`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
