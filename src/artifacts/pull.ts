/** Takes exact numbers of bytes out of chunks of any size. */
export class Pull {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly `count` bytes, or fewer where the source ends before. */
  async take(count: number): Promise<Buffer> {
    if (this.#chunk.length - this.#at >= count) return this.#slice(count);
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#at >= this.#chunk.length && !(await this.#next())) break;
      const part = this.#slice(Math.min(missing, this.#chunk.length - this.#at));
      missing -= part.length;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /** A copy (into `copy`, where it is given) of exactly `count` bytes, or of fewer where the source ends before: none of the chunks that they come in is kept alive. */
  async copy(count: number, copy: Buffer = Buffer.allocUnsafe(count)): Promise<Buffer> {
    let at = 0;
    while (at < count) {
      if (this.#at >= this.#chunk.length && !(await this.#next())) break;
      const part = this.#slice(Math.min(count - at, this.#chunk.length - this.#at));
      copy.set(part, at);
      at += part.length;
    }
    return at === count ? copy : copy.subarray(0, at);
  }

  /** Goes over `count` bytes and says how many there were. */
  async skip(count: number): Promise<number> {
    let missing = count;
    while (missing > 0) {
      if (this.#at >= this.#chunk.length && !(await this.#next())) break;
      const step = Math.min(missing, this.#chunk.length - this.#at);
      this.#at += step;
      missing -= step;
    }
    return count - missing;
  }

  /** Ends the source early. */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.#source.return?.();
  }

  #slice(count: number): Buffer {
    const { buffer, byteOffset } = this.#chunk;
    const part = Buffer.from(buffer, byteOffset + this.#at, count);
    this.#at += count;
    return part;
  }

  async #next(): Promise<boolean> {
    if (this.#ended) return false;
    const step = await this.#source.next();
    if (step.done === true) {
      this.#ended = true;
      return false;
    }
    this.#chunk = step.value;
    this.#at = 0;
    return true;
  }
}
