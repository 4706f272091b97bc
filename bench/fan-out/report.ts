import { median } from '../process-stats';
import type { Figures } from './measure';
import type { Mode } from './mode';
import type { Setting } from './variant';

const HEAD = '| server | CPU s per million | × raw ws | deliveries/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|\n';
const RAW = 'raw ws';

/** What was measured of one variant, by mode and contestant, a figure for each round. */
export class Results {
  private readonly figures = new Map<string, Map<string, Figures[]>>();

  add(mode: Mode, contestant: string, figures: Figures): void {
    const rows = this.rowsOf(mode);
    rows.set(contestant, [...(rows.get(contestant) ?? []), figures]);
    this.figures.set(mode.name, rows);
  }

  /** A table for each mode, in Markdown. */
  print({ variant, subscribers, rooms }: Setting, modes: readonly Mode[]): string {
    const where = rooms === 1 ? '' : ` in ${rooms} rooms`;
    const tables = modes.map((mode) => `\n#### ${mode.name}: ${aboutOf(mode, variant.times)}\n\n${HEAD}${this.rows(mode)}`);
    return `\n### ${variant.name}, ${subscribers} subscribers${where}\n\n${variant.about}\n${tables.join('')}`;
  }

  private rows(mode: Mode): string {
    const rows = this.rowsOf(mode);
    const raw = rows.get(RAW) ?? [];
    return [...rows].map(([name, figures]) => row(name, figures, raw)).join('');
  }

  private rowsOf({ name }: Mode): Map<string, Figures[]> {
    return this.figures.get(name) ?? new Map<string, Figures[]>();
  }
}

function aboutOf({ about, perSecond }: Mode, times: number): string {
  return perSecond > 0 ? `${perSecond * times} events a second` : about;
}

/** Medians over the rounds; the ratio is the median of the rounds' own ratios. */
function row(name: string, figures: readonly Figures[], raw: readonly Figures[]): string {
  const of = (pick: (one: Figures) => number): number => median(figures.map(pick));
  const ratio = median(figures.map(({ cpuPerMillion }, round) => cpuPerMillion / (raw[round]?.cpuPerMillion ?? Number.NaN)));
  const cells = [
    name,
    of(({ cpuPerMillion }) => cpuPerMillion).toFixed(2),
    Number.isNaN(ratio) ? '–' : ratio.toFixed(2),
    Math.round(of(({ perSecond }) => perSecond)),
    of(({ p50 }) => p50).toFixed(1),
    of(({ p99 }) => p99).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |\n`;
}
