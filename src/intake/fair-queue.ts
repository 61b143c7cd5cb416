import { limits } from '../limits.ts';

/** What an entry of the queue takes up. */
export interface Size {
  readonly triggers: number;
  readonly bytes: number;
}

/** What waits, in a line of its own for each source. However much waits, an entry costs the same to put in and take out. */
export interface FairQueue<T> {
  /** False: the source has its share of the room, and nothing was taken. `at`: of any clock, in ms; never falls. */
  offer(source: string, entry: T, size: Size, at: number): boolean;
  /** The next group, in turns of the sources: what fits into `most`, but at least one entry. Empty: nothing waits. */
  takeGroup(most: Size): T[];
  /** How many entries wait. */
  length(): number;
  /** Takes out what was offered at that time or before. */
  takeOffered(until: number): T[];
}

interface Waiting<T> {
  readonly entry: T;
  readonly size: Size;
  readonly at: number;
}

interface Line<T> {
  readonly source: string;
  readonly entries: Fifo<Waiting<T>>;
  /** All of its entries together. */
  held: Size;
  /** What it may still take in its turn, in bytes. */
  credit: number;
}

/**
 * A bounded queue that is fair between sources, in two ways.
 *
 * Room: a source may hold as much as is still free (a dynamic threshold, as in network switches). One that floods comes
 * to half of the room, two to a third each, and there is always a share left for one more.
 *
 * Turns: deficit round robin. In its turn a source takes what costs limits.turnBytes, or saves up for a large entry.
 * An entry costs its bytes and limits.triggerBytes for each trigger: neither many nor large ones hold up other sources.
 */
export function createFairQueue<T>(room: Size): FairQueue<T> {
  const lines = new Map<string, Line<T>>();
  /** The same lines in the order of their turns. None of them is empty. */
  const turns = fifo<Line<T>>();
  let free = room;
  let length = 0;

  function newLine(source: string): Line<T> {
    const line = { source, entries: fifo<Waiting<T>>(), held: nothing, credit: limits.turnBytes };
    lines.set(source, line);
    turns.push(line);
    return line;
  }

  /** Takes the first entry of the line whose turn it is. */
  function takeFirst(line: Line<T>, { entry, size }: Waiting<T>): T {
    line.entries.shift();
    line.held = less(line.held, size);
    free = plus(free, size);
    length -= 1;
    if (line.entries.first() === null) {
      lines.delete(line.source);
      turns.shift();
    }
    return entry;
  }

  return {
    offer(source, entry, size, at) {
      const held = plus(lines.get(source)?.held ?? nothing, size);
      if (!fits(held, free)) return false;
      const line = lines.get(source) ?? newLine(source);
      line.entries.push({ entry, size, at });
      line.held = held;
      free = less(free, size);
      length += 1;
      return true;
    },

    takeGroup(most) {
      const group: T[] = [];
      let left = most;
      for (let line = turns.first(); line !== null; line = turns.first()) {
        const waiting = line.entries.first();
        if (waiting === null) break;
        // What does not fit goes first next time: its turn is not over.
        if (group.length > 0 && !fits(waiting.size, left)) break;
        const cost = costOf(waiting.size);
        if (cost > line.credit) {
          line.credit += limits.turnBytes;
          turns.rotate();
          continue;
        }
        line.credit -= cost;
        left = less(left, waiting.size);
        group.push(takeFirst(line, waiting));
      }
      return group;
    },

    length: () => length,

    takeOffered(until) {
      const taken: T[] = [];
      for (let count = lines.size; count > 0; count -= 1) {
        const line = turns.first();
        let waiting = line?.entries.first() ?? null;
        while (line && waiting !== null && waiting.at <= until) {
          taken.push(takeFirst(line, waiting));
          waiting = line.entries.first();
        }
        if (waiting !== null) turns.rotate();
      }
      return taken;
    },
  };
}

const nothing: Size = { triggers: 0, bytes: 0 };

function plus(one: Size, other: Size): Size {
  return { triggers: one.triggers + other.triggers, bytes: one.bytes + other.bytes };
}

function less(from: Size, size: Size): Size {
  return { triggers: from.triggers - size.triggers, bytes: from.bytes - size.bytes };
}

function fits(size: Size, room: Size): boolean {
  return size.triggers <= room.triggers && size.bytes <= room.bytes;
}

function costOf({ triggers, bytes }: Size): number {
  return triggers * limits.triggerBytes + bytes;
}

/** First in, first out, as a linked list: an array would move all that waits for each that goes. */
interface Fifo<T> {
  first(): T | null;
  push(value: T): void;
  shift(): void;
  /** The first becomes the last. */
  rotate(): void;
}

interface Link<T> {
  readonly value: T;
  next: Link<T> | null;
}

function fifo<T>(): Fifo<T> {
  let head: Link<T> | null = null;
  let tail: Link<T> | null = null;
  const append = (link: Link<T>) => {
    if (tail === null) head = link;
    else tail.next = link;
    tail = link;
  };
  const shift = () => {
    const link = head;
    head = link?.next ?? null;
    if (head === null) tail = null;
    return link;
  };
  return {
    first: () => head?.value ?? null,
    push: (value) => append({ value, next: null }),
    shift,
    rotate() {
      const link = shift();
      if (link === null) return;
      link.next = null;
      append(link);
    },
  };
}
