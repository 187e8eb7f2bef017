/** Lets some wait for a sign that others give. */
export class Bell {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next ring. */
  get rung(): Promise<void> {
    return this.#next.promise;
  }

  ring(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }
}
