namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Block sizes of all products. They depend on nothing but the problem, so that sums are cut at the same places at any
/// number of threads.
/// </summary>
internal static class GemmBlocking
{
    /// <summary>
    /// The longest stretch of the summed dimension that is done at a time: a panel of 32 columns of B then takes
    /// 32 KB and stays in the first-level cache.
    /// </summary>
    public const int Depth = 256;

    /// <summary>Rows of A in a block, a multiple of the rows of every kernel; the block stays in the second-level cache.</summary>
    public const int Rows = 96;

    /// <summary>Cuts the summed dimension into equal segments no longer than <see cref="Depth"/>.</summary>
    /// <param name="depth">The whole length.</param>
    /// <returns>How many segments and how long each but the last is.</returns>
    public static (int Segments, int Length) Segments(int depth)
    {
        int segments = Math.Max(1, (depth + Depth - 1) / Depth);
        return (segments, (depth + segments - 1) / segments);
    }
}
