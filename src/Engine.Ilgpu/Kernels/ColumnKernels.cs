using System.Runtime.CompilerServices;
using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>
/// Sums over the rows of <c>[rows, channels]</c>, two steps. In the first a group owns <see cref="Lanes"/> neighbouring
/// channels of a run of rows; its threads read packs of channels of as many rows at once as it has threads for. The second is the same
/// over the runs' sums.
/// </summary>
internal static class ColumnKernels
{
    /// <summary>Channels of a group; the group's size is a multiple of it, or smaller.</summary>
    public const int Lanes = 32;

    /// <summary>results (+)= scale·sums of runs of rows. Results: <c>[runs, channels]</c>. Grid: channel blocks, runs.</summary>
    public static void Sums<TPack>(ArrayView<float> x, ArrayView<float> results, int rows, int channels, int runRows, float scale, int accumulate)
        where TPack : unmanaged, IPack<TPack>
    {
        var shared = SharedMemory.Allocate<TPack>(GroupSums.MaxThreads);
        for (int channel = FirstChannel(TPack.Width); channel < LastChannel(); channel += Group.DimX * TPack.Width)
        {
            TPack sum = TPack.All(0);
            if (channel < channels)
                for (int row = FirstRow(TPack.Width, runRows); row < LastRow(rows, runRows); row += RowStep(TPack.Width)) sum += TPack.Load(x, row * channels + channel);
            sum = scale * LaneSum(sum, shared);
            int at = Grid.IdxY * channels + channel;
            if (channel >= channels || Group.IdxX >= Lanes / TPack.Width) continue;
            if (accumulate != 0) sum = TPack.Load(results, at) + sum;
            sum.Store(results, at);
        }
    }

    /// <summary>Sums of squared distances from a per-channel centre.</summary>
    public static void Squares<TPack>(ArrayView<float> x, ArrayView<float> centre, ArrayView<float> results, int rows, int channels, int runRows)
        where TPack : unmanaged, IPack<TPack>
    {
        var shared = SharedMemory.Allocate<TPack>(GroupSums.MaxThreads);
        for (int channel = FirstChannel(TPack.Width); channel < LastChannel(); channel += Group.DimX * TPack.Width)
        {
            TPack sum = TPack.All(0);
            if (channel < channels)
            {
                TPack middle = TPack.Load(centre, channel);
                for (int row = FirstRow(TPack.Width, runRows); row < LastRow(rows, runRows); row += RowStep(TPack.Width))
                {
                    TPack d = TPack.Load(x, row * channels + channel) - middle;
                    sum += d * d;
                }
            }
            sum = LaneSum(sum, shared);
            if (channel < channels && Group.IdxX < Lanes / TPack.Width) sum.Store(results, Grid.IdxY * channels + channel);
        }
    }

    /// <summary>Sums of x·dy where x is not positive.</summary>
    public static void PReluSlopes<TPack>(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> results, int rows, int channels, int runRows)
        where TPack : unmanaged, IPack<TPack>
    {
        var shared = SharedMemory.Allocate<TPack>(GroupSums.MaxThreads);
        for (int channel = FirstChannel(TPack.Width); channel < LastChannel(); channel += Group.DimX * TPack.Width)
        {
            TPack sum = TPack.All(0);
            if (channel < channels)
            {
                for (int row = FirstRow(TPack.Width, runRows); row < LastRow(rows, runRows); row += RowStep(TPack.Width))
                {
                    TPack value = TPack.Load(x, row * channels + channel);
                    sum += TPack.WherePositive(value, TPack.All(0), value * TPack.Load(dy, row * channels + channel));
                }
            }
            sum = LaneSum(sum, shared);
            if (channel < channels && Group.IdxX < Lanes / TPack.Width) sum.Store(results, Grid.IdxY * channels + channel);
        }
    }

    /// <summary>Sums of dy and of dy·(x − mean)·invStd. Results: <c>[2, runs, channels]</c>.</summary>
    public static void NormGradients<TPack>(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> results, int rows, int channels, int runRows)
        where TPack : unmanaged, IPack<TPack>
    {
        var shared = SharedMemory.Allocate<TPack>(GroupSums.MaxThreads);
        for (int channel = FirstChannel(TPack.Width); channel < LastChannel(); channel += Group.DimX * TPack.Width)
        {
            TPack plain = TPack.All(0), scaled = TPack.All(0);
            if (channel < channels)
            {
                TPack middle = TPack.Load(mean, channel), inverse = TPack.Load(invStd, channel);
                for (int row = FirstRow(TPack.Width, runRows); row < LastRow(rows, runRows); row += RowStep(TPack.Width))
                {
                    TPack g = TPack.Load(dy, row * channels + channel);
                    plain += g;
                    scaled += g * (TPack.Load(x, row * channels + channel) - middle) * inverse;
                }
            }
            plain = LaneSum(plain, shared);
            scaled = LaneSum(scaled, shared);
            if (channel < channels && Group.IdxX < Lanes / TPack.Width)
            {
                plain.Store(results, Grid.IdxY * channels + channel);
                scaled.Store(results, (Grid.DimY + Grid.IdxY) * channels + channel);
            }
        }
    }

    // The first pack of channels of a thread. Groups with fewer threads than the lanes take need more than one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstChannel(int width) => Grid.IdxX * Lanes + Group.IdxX % (Lanes / width) * width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LastChannel() => (Grid.IdxX + 1) * Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstRow(int width, int runRows) => Grid.IdxY * runRows + Group.IdxX / (Lanes / width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LastRow(int rows, int runRows)
    {
        int last = (Grid.IdxY + 1) * runRows;
        return last < rows ? last : rows;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RowStep(int width) => Group.DimX < Lanes / width ? 1 : Group.DimX / (Lanes / width);

    // Sums over the threads of the same lane; the threads of the first lane row get the result.
    private static TPack LaneSum<TPack>(TPack value, ArrayView<TPack> shared)
        where TPack : unmanaged, IPack<TPack>
    {
        int lanes = Lanes / TPack.Width;
        if (Group.DimX <= lanes) return value;
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half >= lanes; half /= 2)
        {
            if (thread < half) shared[thread] = shared[thread] + shared[thread + half];
            Group.Barrier();
        }
        TPack sum = shared[thread % lanes];
        Group.Barrier();
        return sum;
    }
}
