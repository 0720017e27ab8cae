using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

/// <summary>The second step of products whose depth was split.</summary>
internal static class PartialSumKernels
{
    /// <summary>One thread an element of the result.</summary>
    public static void Finish(Index1D index, ArrayView<float> partials, MatrixStore store) => store.Finish(partials, index);
}
