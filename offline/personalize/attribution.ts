import type { GroupData } from './data.ts';
import type { Interaction } from './histories.ts';
import type { World } from './world.ts';

/** One metric of a metric attribution, for one source of events. */
export interface Attributed {
  readonly metricAttributionArn: string;
  readonly metricName: string;
  readonly eventType: string;
  /** What events say, else the campaign whose answer they name. */
  readonly source: string;
  readonly value: number;
}

/** Developer Guide, "Event attribution sources": of events that name neither a source nor an answer. */
const UNDEFINED_SOURCE = 'SOURCE_NAME_UNDEFINED';

/** What metric attributions have counted, of events since each was made. */
export function attributedIn(world: World): Attributed[] {
  return world.resources.all('metric-attribution').flatMap((attribution) => {
    const { arn, datasetGroupArn, createdAt } = attribution;
    const data = world.dataOf(datasetGroupArn);
    const events = [...data.histories.all()].filter(({ bulk, at }) => !bulk && at >= createdAt);
    return attribution.metrics.flatMap(({ metricName, eventType, expression }) => {
      const values = new Map<string, number>();
      for (const event of events) {
        if (event.type !== eventType) continue;
        const { source = UNDEFINED_SOURCE } = event;
        values.set(source, (values.get(source) ?? 0) + worthOf(event, expression, data));
      }
      return Array.from(values, ([source, value]) => ({
        ...{ metricAttributionArn: arn, metricName, eventType, source, value },
      }));
    });
  });
}

/** What one event adds to `SAMPLECOUNT()` or `SUM(Dataset.FIELD)`. */
function worthOf({ item, value }: Interaction, expression: string, data: GroupData): number {
  const [, dataset, field = ''] = /^SUM\((Interactions|Items)\.(\w+)\)$/i.exec(expression) ?? [];
  if (dataset === undefined) return 1;
  if (dataset.toLowerCase() === 'interactions') return value ?? 0;
  return Number(data.recordOf('Items', item)?.[field] ?? 0);
}
