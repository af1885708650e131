import { useEffect, useRef, useState } from 'preact/hooks';

/** A value that changes often, passed on at once and then at most every so many milliseconds. */
export function useSlowed<T>(value: T, everyMs: number): T {
  const [slowed, setSlowed] = useState(value);
  const passedMs = useRef(-Infinity);
  useEffect(() => {
    const pass = (): void => {
      passedMs.current = performance.now();
      setSlowed(value);
    };
    const timer = setTimeout(pass, Math.max(0, passedMs.current + everyMs - performance.now()));
    return () => {
      clearTimeout(timer);
    };
  }, [value, everyMs]);
  return slowed;
}
