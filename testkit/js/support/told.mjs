// What somebody was told and has not been asked for yet, in order.
//
// Things come in; the first that is looked for leaves. Invariant: nobody waits for ever.

const PATIENCE_MS = 20_000;

export class Told {
  #kept = [];
  #waiting = null;

  tell(thing) {
    this.#kept.push(thing);
    this.#waiting?.();
  }

  /** Takes the first that is so out, when it is there. */
  async next(isSo) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = this.#kept.findIndex(isSo);
      if (at >= 0) return this.#kept.splice(at, 1)[0];
      const left = until - Date.now();
      if (left <= 0) throw new Error(`it did not come; what came: ${this.#kept.map(String).join('\n')}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting = () => (clearTimeout(timer), resolve());
      });
    }
  }

  /** All that is so and came already. */
  taken(isSo) {
    const taken = this.#kept.filter(isSo);
    this.#kept = this.#kept.filter((thing) => !isSo(thing));
    return taken;
  }
}
