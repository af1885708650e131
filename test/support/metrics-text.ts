/** The series of an answer of /metrics. */
export class MetricsText {
  readonly series: { name: string; labels: Record<string, string>; value: number }[];

  constructor(text: string) {
    const lines = text.matchAll(/^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/gm);
    this.series = [...lines].map(([, name = '', labels = '', value = '']) => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
          label,
          text,
        ]),
      ),
      value: value === '+Inf' ? Infinity : Number(value),
    }));
  }

  static async of(url: string): Promise<MetricsText> {
    const response = await fetch(`${url}/metrics`);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return new MetricsText(await response.text());
  }

  /** The values of a metric with these labels, added up; undefined where there is none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = this.series.filter(
      (one) =>
        one.name === name &&
        Object.entries(labels).every(([label, value]) => one.labels[label] === value),
    );
    return found.length === 0 ? undefined : found.reduce((sum, one) => sum + one.value, 0);
  }
}
