import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Says which tests were skipped and why, and ends the run with one line: `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    for (const test of skipped) {
      const result = test.result();
      const reason = (result.state === 'skipped' && result.note) || 'no reason given';
      console.log(`skipped: ${test.module.relativeModuleId} > ${test.fullName}: ${reason}`);
    }
    const failedTests = tests.filter((test) => test.result().state === 'failed').length;
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const failed = failedTests + brokenModules + unhandled.length;
    console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  }
}
