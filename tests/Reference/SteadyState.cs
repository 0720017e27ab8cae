namespace IlgpuSpp.Reference;

/// <summary>Measures what a repeated piece of work allocates.</summary>
public static class SteadyState
{
    /// <summary>
    /// The fewest managed bytes that the calling thread allocated in any of several runs. The runtime allocates by itself
    /// once in a while (the first time a lock is contended, for instance); work that allocates does so in every run.
    /// </summary>
    public static long LeastAllocated(Action work, int runs = 5)
    {
        long least = long.MaxValue;
        for (int run = 0; run < runs; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
