import sharp from 'sharp';
import type { PhotoView } from './member.ts';

const CELL = 200;
const GAP = 8;
const LABEL = 18;

/** A PNG with a row for each photo and a column for each of its renditions, scaled to fit, with its size. */
export async function contactSheet(photos: readonly PhotoView[]): Promise<Buffer> {
  const columns = Math.max(1, ...photos.map(({ renditions }) => renditions.length));
  const tiles = await Promise.all(
    photos.flatMap(({ renditions }, row) =>
      renditions.map(async ({ url, name, width, height, format }, column) => ({
        input: await tile(await download(url), `${name} ${width}x${height} ${format}`),
        left: GAP + column * (CELL + GAP),
        top: GAP + row * (CELL + LABEL + GAP),
      })),
    ),
  );
  return sharp({
    create: {
      width: GAP + columns * (CELL + GAP),
      height: GAP + photos.length * (CELL + LABEL + GAP),
      channels: 3,
      background: '#202020',
    },
  })
    .composite(tiles)
    .png()
    .toBuffer();
}

async function tile(image: Buffer, label: string): Promise<Buffer> {
  const picture = await sharp(image)
    .resize(CELL, CELL, { fit: 'inside', withoutEnlargement: true })
    .toBuffer();
  const text = Buffer.from(
    `<svg width="${CELL}" height="${LABEL}"><text x="2" y="13" font-family="sans-serif" font-size="12" fill="#dddddd">${label}</text></svg>`,
  );
  return sharp({ create: { width: CELL, height: CELL + LABEL, channels: 4, background: '#00000000' } })
    .composite([
      { input: picture, gravity: 'north' },
      { input: text, left: 0, top: CELL },
    ])
    .png()
    .toBuffer();
}

async function download(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  if (!answer.ok)
    throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
}
