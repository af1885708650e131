import { useEffect, useState } from 'preact/hooks';
import { type Place, readPlace } from './place.ts';

/** The place of the address, as it changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(() => readPlace(location.hash));
  useEffect(() => {
    const onChange = (): void => {
      setPlace(readPlace(location.hash));
    };
    addEventListener('hashchange', onChange);
    // It may have changed since the first look.
    onChange();
    return () => {
      removeEventListener('hashchange', onChange);
    };
  }, []);
  return place;
}
