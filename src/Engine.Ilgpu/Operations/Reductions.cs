using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    // Rows of a run of a column sum, at least: below, the second step costs more than the first.
    private const int SmallestRun = 64;

    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int>? _partialSums, _totalSum;
    private readonly PackLauncher<Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int, int, int, float, int>> _columnSums = new();
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int>? _argmaxRows;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<int>, int>? _labelRanks;

    protected override void RunSum(Tensor x, Tensor result)
    {
        using var scope = Enter();
        SumAll(x, result, squares: false, accumulate: false);
    }

    protected override void RunSumOfSquares(Tensor x, Tensor result, bool accumulate)
    {
        using var scope = Enter();
        SumAll(x, result, squares: true, accumulate);
    }

    protected override void RunColumnSums(Tensor x, Tensor sums, bool accumulate)
    {
        using var scope = Enter();
        int channels = x.Shape.Channels;
        if (channels > 0) AddColumnSums(x, Count(x.Shape) / channels, channels, sums, accumulate);
    }

    protected override void RunArgmaxRows(Tensor x, Tensor<int> result)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        GroupKernel(ref _argmaxRows, nameof(ArgmaxRows), static () => ReduceKernels.ArgmaxRows)
            (_stream, RowConfig(x.Shape.Batch), View(x), View(result), x.Shape.Channels);
    }

    protected override void RunLabelRanks(Tensor x, Tensor<int> labels, Tensor<int> ranks)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        GroupKernel(ref _labelRanks, nameof(LabelRanks), static () => ReduceKernels.LabelRanks)
            (_stream, RowConfig(x.Shape.Batch), View(x), View(labels), View(ranks), x.Shape.Channels);
    }

    private KernelConfig RowConfig(int rows) => new(new Index3D(rows, 1, 1), new Index3D(GroupThreads, 1, 1));

    private void SumAll(Tensor x, Tensor result, bool squares, bool accumulate)
    {
        int count = Count(x.Shape);
        int groups = Math.Clamp(count / (8 * GroupThreads), 1, Math.Clamp(TargetGroups, 1, 1024));
        using Tensor partials = Allocate(new Shape(groups));
        GroupKernel(ref _partialSums, nameof(Sum), static () => ReduceKernels.PartialSums)
            (_stream, RowConfig(groups), View(x), View(partials), squares ? 1 : 0);
        GroupKernel(ref _totalSum, nameof(Sum), static () => ReduceKernels.TotalSum)
            (_stream, RowConfig(1), View(partials), View(result), accumulate ? 1 : 0);
    }

    private void AddColumnSums(Tensor x, int rows, int channels, Tensor sums, bool accumulate)
    {
        if (channels == 0) return;
        var (runs, runRows) = RunsOf(rows, channels);
        using Tensor partials = Allocate(new Shape(runs, channels));
        PartialColumnSums(x, partials, rows, channels, runs, runRows);
        TotalColumnSums(partials, sums, runs, channels, 1, accumulate);
    }

    private void PartialColumnSums(Tensor x, Tensor partials, int rows, int channels, int runs, int runRows) =>
        SumRuns(x, partials, rows, channels, runs, runRows, 1, accumulate: false);

    private void TotalColumnSums(Tensor partials, Tensor sums, int runs, int channels, float scale, bool accumulate) =>
        SumRuns(partials, sums, runs, channels, 1, runs, scale, accumulate);

    private void SumRuns(Tensor x, Tensor results, int rows, int channels, int runs, int runRows, float scale, bool accumulate) =>
        GroupKernel(_columnSums, Fours(channels, x, results), nameof(ColumnSums), static four => four ? ColumnKernels.Sums<Four> : ColumnKernels.Sums<One>)
            (_stream, ColumnConfig(channels, runs), View(x), View(results), rows, channels, runRows, scale, accumulate ? 1 : 0);

    private KernelConfig ColumnConfig(int channels, int runs) =>
        new(new Index3D((channels + ColumnKernels.Lanes - 1) / ColumnKernels.Lanes, runs, 1), new Index3D(GroupThreads, 1, 1));

    // How the rows of a column sum are cut so that the device is busy.
    private (int Runs, int RunRows) RunsOf(int rows, int channels)
    {
        int blocks = (channels + ColumnKernels.Lanes - 1) / ColumnKernels.Lanes;
        int runs = Math.Clamp(rows / SmallestRun, 1, Math.Clamp(2 * TargetGroups / blocks, 1, 1024));
        int runRows = (rows + runs - 1) / Math.Max(1, runs);
        return (runs, Math.Max(1, runRows));
    }
}

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

    private static bool Beats(float value, int place, float other, int otherPlace, int columns)
    {
        if (place >= columns) return false;
        if (otherPlace >= columns) return true;
        return value > other || (value == other && place < otherPlace);
    }
}

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
    private static int FirstChannel(int width) => Grid.IdxX * Lanes + Group.IdxX % (Lanes / width) * width;

    private static int LastChannel() => (Grid.IdxX + 1) * Lanes;

    private static int FirstRow(int width, int runRows) => Grid.IdxY * runRows + Group.IdxX / (Lanes / width);

    private static int LastRow(int rows, int runRows)
    {
        int last = (Grid.IdxY + 1) * runRows;
        return last < rows ? last : rows;
    }

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
