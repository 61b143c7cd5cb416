/** What `within` gives where its time is over. */
export const late = Symbol('late');

/** What a promise gives, or `late` where that takes longer; what it gives or throws afterwards is for whoever else waits for it. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof late> {
  const over = Promise.withResolvers<typeof late>();
  const timer = setTimeout(over.resolve, ms, late);
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
