using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>Sums and maxima; group trees, no atomics, a fixed order.</summary>
internal static class ReduceKernels
{
    /// <summary>One partial sum a group, each over a run of the elements; of squares where asked for.</summary>
    public static void PartialSums(ArrayView<float> x, ArrayView<float> partials, int squares)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int count = x.IntLength;
        int stride = Grid.DimX * Group.DimX;
        float mine = 0;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < count; i += stride)
        {
            float value = x[i];
            mine += squares != 0 ? value * value : value;
            if (i > int.MaxValue - stride) break;
        }
        float sum = GroupSums.Sum(mine, shared);
        if (Group.IdxX == 0) partials[Grid.IdxX] = sum;
    }

    /// <summary>Adds up the partial sums, in one group.</summary>
    public static void TotalSum(ArrayView<float> partials, ArrayView<float> result, int accumulate)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int count = partials.IntLength;
        float mine = 0;
        for (int i = Group.IdxX; i < count; i += Group.DimX) mine += partials[i];
        float sum = GroupSums.Sum(mine, shared);
        if (Group.IdxX == 0) result[0] = accumulate != 0 ? result[0] + sum : sum;
    }

    /// <summary>One group a row; ties go to the first column.</summary>
    public static void ArgmaxRows(ArrayView<float> x, ArrayView<int> result, int columns)
    {
        var values = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        var places = SharedMemory.Allocate<int>(GroupSums.MaxThreads);
        int start = Grid.IdxX * columns, thread = Group.IdxX;
        float best = float.NegativeInfinity;
        int place = columns;
        for (int c = thread; c < columns; c += Group.DimX)
        {
            float value = x[start + c];
            if (value > best || place == columns)
            {
                best = value;
                place = c;
            }
        }
        values[thread] = best;
        places[thread] = place;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half && Beats(values[thread + half], places[thread + half], values[thread], places[thread], columns))
            {
                values[thread] = values[thread + half];
                places[thread] = places[thread + half];
            }
            Group.Barrier();
        }
        if (thread == 0) result[Grid.IdxX] = places[0];
    }

    /// <summary>One group a row: counts the columns that beat the label's.</summary>
    public static void LabelRanks(ArrayView<float> x, ArrayView<int> labels, ArrayView<int> ranks, int columns)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        int row = Grid.IdxX, start = row * columns, label = labels[row];
        bool known = label >= 0 && label < columns;
        int at = known ? label : 0;
        float own = x[start + at];
        // Counts stay below 2²⁴ and are exact as floats.
        float beating = 0, undefined = 0;
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
        {
            float value = x[start + c];
            if (float.IsNaN(value)) undefined += 1;
            if (value > own || (value == own && c < at)) beating += 1;
        }
        beating = GroupSums.Sum(beating, shared);
        undefined = GroupSums.Sum(undefined, shared);
        if (Group.IdxX == 0) ranks[row] = label == -1 ? -1 : undefined > 0 || !known ? columns : (int)beating;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Beats(float value, int place, float other, int otherPlace, int columns)
    {
        if (place >= columns) return false;
        if (otherPlace >= columns) return true;
        return value > other || (value == other && place < otherPlace);
    }
}
