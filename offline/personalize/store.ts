import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { Journal } from '../journal.ts';
import { isGone, statusOf } from './lifecycle.ts';
import type { AnyResource, Kind, Known, ResourceOf } from './resources.ts';

type Line = { readonly put: Known } | { readonly gone: string };

/** All resources by ARN, in a journal before anybody hears of a change. What was deleted goes when its time has come. */
export class Resources {
  readonly #clock: Clock;
  readonly #journal: Journal<Line>;
  readonly #byArn = new Map<string, Known>();

  constructor(stateDir: string, clock: Clock) {
    this.#clock = clock;
    this.#journal = Journal.open<Line>(join(stateDir, 'personalize.jsonl'), (line) => {
      if ('put' in line) this.#byArn.set(line.put.arn, line.put);
      else this.#byArn.delete(line.gone);
    });
    this.#sweep();
    this.#journal.rewrite([...this.#byArn.values()].map((put) => ({ put })));
  }

  put(resource: Known): void {
    this.#journal.append({ put: resource });
    this.#byArn.set(resource.arn, resource);
  }

  /** Changes what is there; what has gone meanwhile stays away. */
  change<K extends Kind>(resource: ResourceOf<K>, changes: Partial<ResourceOf<K>>): void {
    const known = this.#byArn.get(resource.arn);
    if (known) this.put({ ...known, ...changes } as Known);
  }

  remove(arn: string): void {
    this.#journal.append({ gone: arn });
    this.#byArn.delete(arn);
  }

  find(arn: string): Known | undefined {
    this.#sweep();
    return this.#byArn.get(arn);
  }

  /** The resource of this kind, in any status. */
  of<K extends Kind>(kind: K, arn: string): ResourceOf<K> | undefined {
    const resource = this.find(arn);
    return resource?.kind === kind ? (resource as ResourceOf<K>) : undefined;
  }

  /** All of a kind, the oldest first. */
  all<K extends Kind>(kind: K): ResourceOf<K>[] {
    this.#sweep();
    return [...this.#byArn.values()].filter((each) => each.kind === kind) as ResourceOf<K>[];
  }

  statusOf(resource: AnyResource): string {
    return statusOf(resource, this.#clock.now());
  }

  isActive(resource: AnyResource): boolean {
    return this.statusOf(resource) === 'ACTIVE';
  }

  close(): void {
    this.#journal.close();
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const resource of [...this.#byArn.values()]) if (isGone(resource, now)) this.remove(resource.arn);
  }
}
