import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe } from '../../lib/images/renditions.ts';
import { largestFirst } from './sets.ts';

/** A program that makes the JPEG set of a photo by one or several commands. */
export interface Tool {
  readonly name: string;
  readonly version: readonly [command: string, argument: string];
  commands(photo: string, recipes: readonly Recipe[], folder: string): string[][];
}

export const TOOLS: readonly Tool[] = [
  {
    name: 'vipsthumbnail',
    version: ['vipsthumbnail', '--version'],
    // The largest size once, without compression, and all files from that: its fastest way.
    commands: (photo, recipes, folder) => {
      const base = join(folder, 'base.v');
      const [{ box: most } = { box: 0 }] = largestFirst(recipes);
      return [
        ['vipsthumbnail', photo, '-s', `${most}x${most}>`, '-o', base],
        ...recipes.map(({ name, box, fit, quality }) => [
          'vipsthumbnail',
          base,
          '-s',
          fit === 'cover' ? `${box}x${box}` : `${box}x${box}>`,
          ...(fit === 'cover' ? ['--smartcrop', 'centre'] : []),
          '-o',
          `${join(folder, name)}.jpg[Q=${quality},strip]`,
        ]),
      ];
    },
  },
  {
    name: 'ffmpeg',
    version: ['ffmpeg', '-version'],
    // One graph that decodes once. q:v 4 makes files of about the same length.
    commands: (photo, recipes, folder) => {
      const scales = recipes.map(({ box, fit }, i) => {
        const sides = `${box}:${box}:force_original_aspect_ratio`;
        const scale = fit === 'cover' ? `${sides}=increase,crop=${box}:${box}` : `${sides}=decrease`;
        return `[s${i}]scale=${scale}[o${i}]`;
      });
      const inputs = recipes.map((_, i) => `[s${i}]`).join('');
      const outputs = recipes.flatMap(({ name }, i) => [
        ...['-map', `[o${i}]`, '-frames:v', '1', '-q:v', '4', '-map_metadata', '-1'],
        `${join(folder, name)}.jpg`,
      ]);
      const graph = `[0:v]split=${recipes.length}${inputs};${scales.join(';')}`;
      return [['ffmpeg', '-y', '-v', 'error', '-i', photo, '-filter_complex', graph, ...outputs]];
    },
  },
  {
    name: 'ImageMagick',
    version: ['convert', '-version'],
    // The hint lets the decoder shrink; a chain that decodes once takes three times as long.
    commands: (photo, recipes, folder) =>
      recipes.map(({ name, box, fit, quality }) => [
        ...['convert', '-define', `jpeg:size=${2 * box}x${2 * box}`, photo, '-auto-orient'],
        ...(fit === 'cover'
          ? ['-resize', `${box}x${box}^`, '-gravity', 'center', '-extent', `${box}x${box}`]
          : ['-resize', `${box}x${box}>`]),
        ...['-strip', '-quality', String(quality), `${join(folder, name)}.jpg`],
      ]),
  },
];

/** What the tool says of its version, or undefined where it isn't installed. */
export function versionOf({ version: [command, argument] }: Tool): string | undefined {
  const { stdout, error } = spawnSync(command, [argument], { encoding: 'utf8' });
  return error ? undefined : (/\d+\.\d+[\d.-]*/.exec(stdout)?.[0] ?? 'unknown');
}

const GNU_TIME = '/usr/bin/time';

/**
 * CPU milliseconds of the tool's commands, and the peak memory of the largest where GNU time can tell. The shell's
 * `times` tells what its children used: the second of its lines, as minutes and seconds, user and system.
 */
export function runTool(tool: Tool, photo: string, recipes: readonly Recipe[], folder: string) {
  const peaks = join(folder, 'peaks');
  const measured = existsSync(GNU_TIME) ? [GNU_TIME, '-a', '-o', peaks, '-f', '%M'] : [];
  const commands = tool.commands(photo, recipes, folder);
  const script = `${commands.map((words) => [...measured, ...words].map(quoted).join(' ')).join(' && ')} && times`;
  const { stdout, stderr, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tool.name} failed on ${photo}: ${stderr}`);
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => 60 * Number(minutes) + Number(rest),
  );
  const peakMb =
    measured.length > 0
      ? Math.max(...readFileSync(peaks, 'utf8').trim().split('\n').map(Number)) / 1_024
      : undefined;
  rmSync(peaks, { force: true });
  return { cpuMs: 1_000 * seconds.reduce((sum, part) => sum + part, 0), peakMb };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
