using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>
/// Sums over the rows of <c>[rows, channels]</c>, two steps. In the first a group owns <see cref="Lanes"/> neighbouring
/// channels of a run of rows; its threads read whole lanes, so that loads are contiguous. In the second one thread a channel adds
/// the runs up in order.
/// </summary>
internal static class ColumnKernels
{
    /// <summary>Channels of a group; the group's size is a multiple of it.</summary>
    public const int Lanes = 32;

    /// <summary>Plain sums. Partials: <c>[runs, channels]</c>. Grid: channel blocks, runs.</summary>
    public static void PartialSums(ArrayView<float> x, ArrayView<float> partials, int rows, int channels, int runRows)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        for (int lane = Group.IdxX % Lanes; lane < Lanes; lane += Group.DimX)
        {
            int channel = Grid.IdxX * Lanes + lane;
            float sum = 0;
            if (channel < channels)
                for (int row = First(runRows); row < Last(rows, runRows); row += Step()) sum += x[row * channels + channel];
            sum = LaneSum(sum, shared);
            if (channel < channels && Group.IdxX < Lanes) partials[Grid.IdxY * channels + channel] = sum;
        }
    }

    /// <summary>Sums of squared distances from a per-channel centre.</summary>
    public static void PartialSquares(ArrayView<float> x, ArrayView<float> centre, ArrayView<float> partials, int rows, int channels, int runRows)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        for (int lane = Group.IdxX % Lanes; lane < Lanes; lane += Group.DimX)
        {
            int channel = Grid.IdxX * Lanes + lane;
            float sum = 0;
            if (channel < channels)
            {
                float middle = centre[channel];
                for (int row = First(runRows); row < Last(rows, runRows); row += Step())
                {
                    float d = x[row * channels + channel] - middle;
                    sum += d * d;
                }
            }
            sum = LaneSum(sum, shared);
            if (channel < channels && Group.IdxX < Lanes) partials[Grid.IdxY * channels + channel] = sum;
        }
    }

    /// <summary>Sums of dy and of dy·(x − mean)·invStd. Partials: <c>[2, runs, channels]</c>.</summary>
    public static void PartialNormGradients(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> mean, ArrayView<float> invStd, ArrayView<float> partials, int rows, int channels, int runRows)
    {
        var shared = SharedMemory.Allocate<float>(GroupSums.MaxThreads);
        for (int lane = Group.IdxX % Lanes; lane < Lanes; lane += Group.DimX)
        {
            int channel = Grid.IdxX * Lanes + lane;
            float plain = 0, scaled = 0;
            if (channel < channels)
            {
                float middle = mean[channel], inverse = invStd[channel];
                for (int row = First(runRows); row < Last(rows, runRows); row += Step())
                {
                    float g = dy[row * channels + channel];
                    plain += g;
                    scaled += g * (x[row * channels + channel] - middle) * inverse;
                }
            }
            plain = LaneSum(plain, shared);
            scaled = LaneSum(scaled, shared);
            if (channel < channels && Group.IdxX < Lanes)
            {
                partials[Grid.IdxY * channels + channel] = plain;
                partials[(Grid.DimY + Grid.IdxY) * channels + channel] = scaled;
            }
        }
    }

    /// <summary>sums (+)= Σ partials, one thread a channel.</summary>
    public static void TotalSums(Index1D channel, ArrayView<float> partials, ArrayView<float> sums, int runs, int channels, float scale, int accumulate)
    {
        float sum = 0;
        for (int run = 0; run < runs; run++) sum += partials[run * channels + channel];
        sum *= scale;
        sums[channel] = accumulate != 0 ? sums[channel] + sum : sum;
    }

    private static int First(int runRows) => Grid.IdxY * runRows + Group.IdxX / Lanes;

    private static int Last(int rows, int runRows)
    {
        int last = (Grid.IdxY + 1) * runRows;
        return last < rows ? last : rows;
    }

    private static int Step() => Group.DimX < Lanes ? 1 : Group.DimX / Lanes;

    // Sums over the threads of the same lane; the threads of the first lane row get the result.
    private static float LaneSum(float value, ArrayView<float> shared)
    {
        if (Group.DimX <= Lanes) return value;
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half >= Lanes; half /= 2)
        {
            if (thread < half) shared[thread] += shared[thread + half];
            Group.Barrier();
        }
        float sum = shared[thread % Lanes];
        Group.Barrier();
        return sum;
    }
}
