import * as Plot from '@observablehq/plot';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface PlotFigureProps {
  /** What is shown, for those who do not see it. */
  label: string;
  /** What there is to see in it. */
  description?: string;
  /** The plot for a width; the same function as long as it is the same plot. */
  plot: (width: number) => Plot.PlotOptions;
  /** Left out: as wide as there is room. */
  width?: number;
}

/** A plot that is as wide as its place, and drawn again when that is wider or narrower. */
export function PlotFigure({ label, description, plot, width }: PlotFigureProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const room = useWidth(place, width);
  useLayoutEffect(() => {
    if (place.current === null || room === 0) return;
    place.current.replaceChildren(drawn(plot(room), label, description));
  }, [plot, room, label, description]);
  return <div class="plot" ref={place} />;
}

function drawn(
  options: Plot.PlotOptions,
  label: string,
  description: string | undefined,
): SVGSVGElement | HTMLElement {
  const node = Plot.plot({
    ...options,
    ariaLabel: label,
    ...(description !== undefined && { ariaDescription: description }),
  });
  // The content security policy refuses style elements; data.css has what is in this one.
  for (const style of node.querySelectorAll('style')) style.remove();
  node.setAttribute('role', 'img');
  return node;
}

function useWidth(place: { current: HTMLElement | null }, fixed: number | undefined): number {
  const [width, setWidth] = useState(fixed ?? 0);
  useLayoutEffect(() => {
    const element = place.current;
    if (fixed !== undefined || element === null) return;
    const measure = (): void => {
      setWidth(Math.floor(element.clientWidth));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [fixed, place]);
  return width;
}
