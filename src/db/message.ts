import { limits } from '../limits.ts';

/** A message to PostgreSQL in the making. Numbers are big-endian; the buffer grows, and is used again for the next one. */
export class MessageWriter {
  buffer: Buffer = Buffer.allocUnsafeSlow(16_384);
  at = 0;
  /** Over the same bytes: numbers are most of a message, and a Buffer takes several times as long over one. */
  #view = viewOf(this.buffer);

  /** Begins anew. What was made before must have been sent by then. A very large buffer is not kept. */
  clear(): void {
    this.at = 0;
    if (this.buffer.length > limits.messageBytesKept)
      this.#become(Buffer.allocUnsafeSlow(limits.messageBytesKept));
  }

  /** Makes room for so many bytes at the end. The buffer may be another one afterwards. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.#become(larger);
  }

  int16(value: number): void {
    this.reserve(2);
    this.#view.setInt16(this.at, value);
    this.at += 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.#view.setInt32(this.at, value);
    this.at += 4;
  }

  float64(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.at, value);
    this.at += 8;
  }

  text(value: string): void {
    this.reserve(value.length * 3);
    this.at += this.buffer.write(value, this.at);
  }

  /** A text that ends with a zero byte. */
  name(value: string): void {
    this.text(`${value}\0`);
  }

  /** Leaves four bytes free, for the length of what follows; returns where. */
  lengthHere(): number {
    this.int32(0);
    return this.at - 4;
  }

  /** Writes at `place` the bytes since then: counted with its own four in a message, without them in a value. */
  setLength(place: number, own: 0 | 4): void {
    this.#view.setInt32(place, this.at - place - 4 + own);
  }

  #become(buffer: Buffer): void {
    this.buffer = buffer;
    this.#view = viewOf(buffer);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
