/**
 * The argument for node under which it is another time: the clock is off by so many milliseconds, and from `jumpAfterMs` on,
 * counted from the start, by `jumpMs` more. The monotonic clock goes on as it does on a machine whose time is set.
 */
export function shiftedClock(shiftMs: number, jumpAfterMs = 0, jumpMs = 0): string {
  const script = `
    const startedMs = performance.now();
    const now = Date.now;
    const shifted = () => {
      const jumped = performance.now() - startedMs >= ${jumpAfterMs};
      return now() + ${shiftMs} + (jumped ? ${jumpMs} : 0);
    };
    globalThis.Date = class extends Date {
      constructor(...parts) {
        if (parts.length === 0) super(shifted());
        else super(...parts);
      }
      static now() {
        return shifted();
      }
    };`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}
