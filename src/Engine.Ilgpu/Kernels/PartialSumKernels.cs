using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The second step of products whose depth was split.</summary>
internal static class PartialSumKernels
{
    /// <summary>One thread a pack of a row of the result: adds the partial results up in the order of the splits and stores as an unsplit product would have.</summary>
    public static void Finish<TPack>(Index1D index, ArrayView<float> partials, MatrixStore store, FastDivisor byPacks, FastDivisor byRows)
        where TPack : unmanaged, IPack<TPack>
    {
        int line = byPacks.Divide(index), column = (index - line * byPacks.Divisor) * TPack.Width;
        int part = byRows.Divide(line), row = line - part * store.Rows, size = store.Rows * store.Columns;
        int from = part * store.Splits * size + row * store.Columns + column;
        TPack sum = TPack.All(0);
        for (int split = 0; split < store.Splits; split++, from += size) sum += TPack.Load(partials, from);
        int biasAt = part * store.PartStride + column, at = row * store.Pitch + biasAt;
        sum = store.Alpha * sum;
        if (store.Beta != 0) sum += store.Beta * TPack.Load(store.Values, at);
        if (store.HasBias != 0) sum += TPack.Load(store.Bias, biasAt);
        if (store.Slope != 1) sum = TPack.Activate(store.Slope == 0 ? (int)ActivationKind.Relu : (int)ActivationKind.LeakyRelu, store.Slope, sum);
        sum.Store(store.Values, at);
    }
}
