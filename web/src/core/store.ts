// Holds the state and tells those who look at it that it has changed.
//
// In come actions; out go calls of the listeners, at most one for each turn of the event loop. Invariant: the state is
// only replaced, by the reducer, never changed in place.
export class Store<State, Action> {
  #state: State;
  #reduce: (state: State, action: Action) => State;
  #listeners = new Set<(state: State) => void>();
  #scheduled = false;

  constructor(initial: State, reduce: (state: State, action: Action) => State) {
    this.#state = initial;
    this.#reduce = reduce;
  }

  get state(): State {
    return this.#state;
  }

  dispatch(action: Action): void {
    const next = this.#reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener(this.#state);
    });
  }

  /** Calls `listener` now and after every change; the returned function ends it. */
  subscribe(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }
}
