using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>
/// Reductions over the threads of a group by a tree in shared memory: the order of additions is fixed by the group's
/// size. All threads of the group call them and get the result; the group's size is a power of two, at most
/// <see cref="MaxThreads"/>.
/// </summary>
internal static class GroupSums
{
    public const int MaxThreads = 256;

    public static float Sum(float value, ArrayView<float> shared) => Joined<Sums>(value, shared);

    /// <summary>The largest value; a NaN among them wins.</summary>
    public static float Max(float value, ArrayView<float> shared) => Joined<Maxima>(value, shared);

    public static float Larger(float a, float b) => b > a || float.IsNaN(b) ? b : a;

    private static float Joined<TJoin>(float value, ArrayView<float> shared)
        where TJoin : struct, IJoin
    {
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half)
            {
                ref float mine = ref shared[thread];
                mine = TJoin.Of(mine, shared[thread + half]);
            }
            Group.Barrier();
        }
        float all = shared[0];
        Group.Barrier();
        return all;
    }

    private interface IJoin
    {
        static abstract float Of(float a, float b);
    }

    private struct Sums : IJoin
    {
        public static float Of(float a, float b) => a + b;
    }

    private struct Maxima : IJoin
    {
        public static float Of(float a, float b) => Larger(a, b);
    }
}
