import { watch } from 'node:fs';
import { join } from 'node:path';

/** Editors write a file in several steps; the changes of this many milliseconds are one. */
const quietMs = 30;

/** Calls `changed` whenever a file of the handlers' sources has changed. */
export function watchSources(root: string, changed: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const watchers = ['functions', 'lib'].map((folder) =>
    watch(join(root, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(changed, quietMs);
    }),
  );
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
