using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>sums[i] += Σ over parts, in order, of partials[part, i]. An item is a stretch of elements.</summary>
internal unsafe struct CombineJob : IParallelJob
{
    private const int ElementsPerItem = 4096;

    public float* Partials, Sums;
    public long PartStride, Length;
    public int Parts;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (int)((Length + ElementsPerItem - 1) / ElementsPerItem);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        long first = (long)item * ElementsPerItem;
        int count = (int)Math.Min(ElementsPerItem, Length - first);
        float* total = stackalloc float[ElementsPerItem];
        RunCopy.Copy(Partials + first, total, count);
        for (int part = 1; part < Parts; part++)
        {
            float* from = Partials + part * PartStride + first;
            for (int i = 0; i < count; i++) total[i] += from[i];
        }
        for (int i = 0; i < count; i++) Sums[first + i] += total[i];
    }
}
