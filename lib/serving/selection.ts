import { findPhotos, type Photo } from '../photos/photo.ts';
import { recommendable } from '../photos/recent.ts';
import { visibleTo } from '../photos/visibility.ts';
import type { Reason } from '../recommendations/reason.ts';

/** Why somebody is shown a photo: as the model says, or because it is like the one they look at. */
export type Why = Reason | { readonly code: 'similar'; readonly photoId: string };

/** Photos that are looked up at once. */
const LOOKUP = 100;

/** One photo that a rung proposes. */
export interface Proposal {
  readonly photoId: string;
  readonly reason: Why;
}

export interface Selected {
  readonly photo: Photo;
  readonly reason: Why;
}

/** The photos of one answer as it fills: nothing gets in that the viewer may not see, or that was left out. */
export class Selection {
  private readonly viewerId: string | undefined;
  private readonly limit: number;
  /** What may not get in, or is in already. */
  private readonly out: Set<string>;
  private readonly selected: Selected[] = [];

  constructor(viewerId: string | undefined, limit: number, leftOut: Iterable<string>) {
    this.viewerId = viewerId;
    this.limit = limit;
    this.out = new Set(leftOut);
  }

  get isFull(): boolean {
    return this.selected.length >= this.limit;
  }

  /** Takes of the proposals, in their order, what may be shown, and says how many that were. */
  async add(proposals: readonly Proposal[]): Promise<number> {
    const before = this.selected.length;
    const open = proposals.filter(({ photoId }) => !this.out.has(photoId));
    for (let from = 0; from < open.length && !this.isFull; from += LOOKUP) {
      const part = open.slice(from, from + LOOKUP);
      const visible = await this.visible(part.map(({ photoId }) => photoId));
      for (const { photoId, reason } of part) {
        const photo = visible.get(photoId);
        if (!photo || this.isFull || this.out.has(photoId)) continue;
        this.out.add(photoId);
        this.selected.push({ photo, reason });
      }
    }
    return this.selected.length - before;
  }

  /** What was selected. */
  get all(): readonly Selected[] {
    return this.selected;
  }

  private async visible(photoIds: readonly string[]): Promise<Map<string, Photo>> {
    const photos = await visibleTo(this.viewerId, await findPhotos(photoIds));
    const others = photos.filter((photo) => photo.ownerId !== this.viewerId && recommendable(photo));
    return new Map(others.map((photo) => [photo.id, photo]));
  }
}

/** The same photos; a reason that names what the viewer may not see any more, or is not so any more, gives way. */
export async function withHonestReasons(
  viewerId: string | undefined,
  selected: readonly Selected[],
): Promise<Selected[]> {
  const named = selected.flatMap(({ reason }) => ('photoId' in reason ? [reason.photoId] : []));
  const photos = named.length === 0 ? [] : await visibleTo(viewerId, await findPhotos([...new Set(named)]));
  const visible = new Set(photos.map(({ id }) => id));
  return selected.map(({ photo, reason }) => {
    const isHidden = 'photoId' in reason && !visible.has(reason.photoId);
    const isOver = 'tag' in reason && !photo.tags.includes(reason.tag);
    return { photo, reason: isHidden || isOver ? { code: 'trending' } : reason };
  });
}
