import { stepsSchema } from '../../lib/images/filters/chain.ts';

/** Ten steps as somebody takes them who improves a photo and signs it. */
export const CHAIN = stepsSchema.parse([
  { filter: 'crop', params: { x: 0.05, y: 0.05, width: 0.9, height: 0.9 } },
  { filter: 'exposure', params: { stops: 0.3 } },
  { filter: 'highlights', params: { amount: -0.4 } },
  { filter: 'shadows', params: { amount: 0.3 } },
  { filter: 'contrast', params: { amount: 0.2 } },
  { filter: 'warmth', params: { amount: 0.2 } },
  { filter: 'vibrance', params: { amount: 0.4 } },
  { filter: 'sharpen', params: { amount: 0.8 } },
  { filter: 'vignette', params: { amount: 0.4 } },
  { filter: 'watermark', params: { text: '© Afterparty' } },
]);

/** Ten steps of which three need all pixels anew and one makes the file hard to compress. */
export const HEAVY = stepsSchema.parse([
  { filter: 'straighten', params: { degrees: 1.5 } },
  ...CHAIN.slice(1, 7),
  { filter: 'denoise', params: { amount: 0.3 } },
  { filter: 'sharpen', params: { amount: 0.8 } },
  { filter: 'grain', params: { amount: 0.3 } },
]);

export const BOX = 1920;

/** Where the real ImageMagick stands, versions 7 and 6. */
export const MAGICK = [
  '/usr/bin/magick',
  '/usr/local/bin/magick',
  '/usr/bin/convert-im6.q16',
  '/usr/bin/convert',
];

/** What the crop leaves of a side. */
export const LEFT = 0.9;

/** The chain as one command: reduced first, which costs ImageMagick least. */
export function magickArguments(
  photo: string,
  out: string,
  size: { width: number; height: number },
): string[] {
  const scale = BOX / Math.max(size.width, size.height);
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  return [
    ...[photo, '-auto-orient', '-resize', `${Math.round(width / LEFT)}x${Math.round(height / LEFT)}!`],
    ...['-gravity', 'center', '-crop', `${width}x${height}+0+0`, '+repage'],
    ...['-evaluate', 'multiply', '1.1', '-level', '0,105%', '-gamma', '1.1', '-sigmoidal-contrast', '2x50%'],
    ...[
      '-channel',
      'R',
      '-evaluate',
      'multiply',
      '1.05',
      '-channel',
      'B',
      '-evaluate',
      'multiply',
      '0.95',
      '+channel',
    ],
    ...['-modulate', '100,115', '-unsharp', '0x1.5+0.8+0'],
    ...[
      '(',
      '-size',
      `${width}x${height}`,
      'radial-gradient:white-gray70',
      ')',
      '-compose',
      'multiply',
      '-composite',
    ],
    ...['-gravity', 'southeast', '-fill', 'white', '-pointsize', '80', '-annotate', '+40+40', '© Afterparty'],
    ...['-strip', '-quality', '80', '-define', 'webp:method=2', out],
  ];
}
