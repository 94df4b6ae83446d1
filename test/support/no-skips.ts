/**
 * A reporter that fails the run when a test was skipped, or when none ran: a test that did not run
 * proves nothing. Used where everything that the tests need is known to be there (.ci/run).
 */
import type { Reporter, TestModule } from "vitest/node";

class NoSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === "skipped");
    for (const test of skipped) {
      process.stderr.write(`skipped: ${test.module.relativeModuleId} > ${test.fullName}\n`);
    }
    if (tests.length > 0 && skipped.length === 0) return;
    process.stderr.write(`${tests.length} tests, ${skipped.length} skipped: not allowed here\n`);
    process.exitCode = 1;
  }
}

// A reporter that is named by its path must be the default export.
// oxlint-disable-next-line import/no-default-export
export default NoSkips;
