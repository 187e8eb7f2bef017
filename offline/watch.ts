import { watch } from 'node:fs';
import { join } from 'node:path';

/** Editors write a file in several steps; what changes within this many milliseconds is one change. */
const quietMs = 30;

/** What the stack was started from: changes of it take a new start. */
const configuration = ['serverless.yml', 'resources', 'statemachines'];

/**
 * Calls `changed` whenever a file of the handlers' sources has changed, and says what can't be taken over
 * without a new start.
 */
export function watchSources(
  root: string,
  changed: () => void,
  say: (line: string) => void,
): { close(): void } {
  const sources = ['functions', 'lib'].map((folder) => watchQuietly(join(root, folder), changed, say));
  const others = configuration.map((name) =>
    watchQuietly(join(root, name), () => say(`${name} has changed: start again to run it.`), say),
  );
  return {
    close() {
      for (const watcher of [...sources, ...others]) watcher.close();
    },
  };
}

function watchQuietly(path: string, changed: () => void, say: (line: string) => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(path, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(changed, quietMs);
  });
  watcher.on('error', (error) => say(`Changes of ${path} are no longer seen: ${error.message}.`));
  return {
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
