using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
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
