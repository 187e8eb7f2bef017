/** Something that somebody did with an item. */
export interface Interaction {
  /** The user, or the session where nobody has said yet whose it is. */
  readonly user: string;
  readonly session?: string;
  readonly eventId?: string;
  readonly item: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value?: number;
  /** What was shown when it happened. */
  readonly impression?: readonly string[];
  /** What it is credited to: what the event says, else the campaign whose answer it names. */
  readonly source?: string;
  /** Whether it came by an import, which a later one may replace. */
  readonly bulk?: boolean;
  readonly properties?: string;
}

/** How many of a user's newest interactions recommendations and filters go by. */
const NEWEST = 100;

/**
 * What users did. The same event counts once: the same id or, without one, the same time and properties. What a session
 * did before its user was known becomes the user's with the first event that names them.
 */
export class Histories {
  readonly #byUser = new Map<string, Interaction[]>();
  readonly #userOf = new Map<string, string>();
  #known = new Set<string>();

  /** @returns whether it was new */
  add(interaction: Interaction): boolean {
    const { session } = interaction;
    const isNamed = session === undefined || interaction.user !== session;
    if (session !== undefined && isNamed) this.#join(session, interaction.user);
    const user = isNamed ? interaction.user : (this.#userOf.get(session) ?? session);
    const own = { ...interaction, user };
    const key = identityOf(own);
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    const list = this.#byUser.get(user);
    if (list) list.push(own);
    else this.#byUser.set(user, [own]);
    return true;
  }

  /** A user's newest interactions, the oldest of them first. */
  newestOf(user: string): Interaction[] {
    return byTime(this.#byUser.get(user) ?? []).slice(-NEWEST);
  }

  /** The types of what a user did with each item: of each type the newest count. */
  typesOf(user: string): ReadonlyMap<string, readonly string[]> {
    const counts = new Map<string, number>();
    const types = new Map<string, string[]>();
    for (const { type, item } of byTime(this.#byUser.get(user) ?? []).reverse()) {
      const name = type.toLowerCase();
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      if (count <= NEWEST) types.set(item, [...(types.get(item) ?? []), type]);
    }
    return types;
  }

  *all(): Generator<Interaction> {
    for (const list of this.#byUser.values()) yield* list;
  }

  /** Forgets what was imported. */
  dropBulk(): void {
    this.#keep(({ bulk }) => !bulk);
  }

  /** Forgets everything. */
  clear(): void {
    this.#keep(() => false);
    this.#userOf.clear();
  }

  /** Forgets users and their sessions. @returns how many interactions went */
  forget(users: ReadonlySet<string>): number {
    for (const [session, user] of this.#userOf) if (users.has(user)) this.#userOf.delete(session);
    return this.#keep(({ user }) => !users.has(user));
  }

  #join(session: string, user: string): void {
    this.#userOf.set(session, user);
    const before = this.#byUser.get(session) ?? [];
    const joining = before.filter((each) => each.session === session);
    if (joining.length === 0) return;
    const rest = before.filter((each) => each.session !== session);
    if (rest.length > 0) this.#byUser.set(session, rest);
    else this.#byUser.delete(session);
    const list = this.#byUser.get(user) ?? [];
    this.#byUser.set(user, [...list, ...joining.map((each) => ({ ...each, user }))]);
  }

  #keep(stays: (interaction: Interaction) => boolean): number {
    let gone = 0;
    for (const [user, list] of this.#byUser) {
      const kept = list.filter(stays);
      gone += list.length - kept.length;
      if (kept.length > 0) this.#byUser.set(user, kept);
      else this.#byUser.delete(user);
    }
    this.#known = new Set(Array.from(this.all(), identityOf));
    return gone;
  }
}

function byTime(list: readonly Interaction[]): Interaction[] {
  return list.toSorted((one, other) => one.at - other.at);
}

function identityOf({ user, session, eventId, item, type, at, value, properties }: Interaction): string {
  if (eventId !== undefined) return `id ${eventId}`;
  return JSON.stringify([session ?? user, item, type, at, value, properties]);
}
