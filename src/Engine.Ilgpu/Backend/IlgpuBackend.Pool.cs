using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, PoolExtents>? _maxPool;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, PoolExtents>? _maxPoolBack;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, PoolExtents>? _averagePool, _averagePoolBack;

    protected override void RunMaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _maxPool, nameof(MaxPoolForward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, PoolExtents>(PoolKernels.MaxForward))
            (_stream, Count(y.Shape), View(x), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, ExtentOf(x.Shape, y.Shape, geometry, default));
    }

    protected override void RunMaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        Kernel(ref _maxPoolBack, nameof(MaxPoolBackward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, PoolExtents>(PoolKernels.MaxBackward))
            (_stream, Count(dx.Shape), View(dy), View(argmax), View(dx), ExtentOf(dx.Shape, dy.Shape, geometry, default));
    }

    protected override void RunAveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        Kernel(ref _averagePool, nameof(AveragePoolForward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, PoolExtents>(PoolKernels.AverageForward))
            (_stream, Count(y.Shape), View(x), View(y), ExtentOf(x.Shape, y.Shape, geometry, divisor));
    }

    protected override void RunAveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        Kernel(ref _averagePoolBack, nameof(AveragePoolBackward), static a => a.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, PoolExtents>(PoolKernels.AverageBackward))
            (_stream, Count(dx.Shape), View(dy), View(dx), ExtentOf(dx.Shape, dy.Shape, geometry, divisor));
    }

    private static PoolExtents ExtentOf(Shape x, Shape y, PoolGeometry geometry, AveragePoolDivisor divisor) => new()
    {
        Height = x.Height,
        Width = x.Width,
        Channels = x.Channels,
        OutHeight = y.Height,
        OutWidth = y.Width,
        KernelHeight = geometry.KernelHeight,
        KernelWidth = geometry.KernelWidth,
        StrideHeight = geometry.StrideHeight,
        StrideWidth = geometry.StrideWidth,
        PadHeight = geometry.PadHeight,
        PadWidth = geometry.PadWidth,
        PadBottom = geometry.PadBottom,
        PadRight = geometry.PadRight,
        CountPadding = divisor == AveragePoolDivisor.Padded ? 1 : 0,
    };
}
