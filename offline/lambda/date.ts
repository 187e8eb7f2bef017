/**
 * Lets `Date` read the stack's clock from now on: real time plus the shared offset. Dates that are given a
 * time stay as they are.
 *
 * @param offset one Float64: milliseconds
 */
export function shiftDate(offset: SharedArrayBuffer): void {
  const shared = new Float64Array(offset);
  const realDate = Date;
  const realNow = Date.now;
  const now = () => Math.floor(realNow() + (shared[0] ?? 0));
  realDate.now = now;
  globalThis.Date = new Proxy(realDate, {
    construct: (target, parts, newTarget) =>
      Reflect.construct(target, parts.length === 0 ? [now()] : parts, newTarget),
    apply: () => new realDate(now()).toString(),
  });
  realDate.prototype.constructor = globalThis.Date;
}
