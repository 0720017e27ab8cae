using System.Runtime.CompilerServices;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float value, ArrayView<float> shared)
    {
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half) shared[thread] += shared[thread + half];
            Group.Barrier();
        }
        float sum = shared[0];
        Group.Barrier();
        return sum;
    }

    /// <summary>The largest value; a NaN among them wins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float value, ArrayView<float> shared)
    {
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half) shared[thread] = Larger(shared[thread], shared[thread + half]);
            Group.Barrier();
        }
        float max = shared[0];
        Group.Barrier();
        return max;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Larger(float a, float b) => b > a || float.IsNaN(b) ? b : a;
}
