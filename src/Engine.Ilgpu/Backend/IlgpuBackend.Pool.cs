using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, PoolExtents>> _maxPool = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, PoolExtents>> _maxPoolBack = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, PoolExtents>> _averagePool = new(), _averagePoolBack = new();

    protected override void RunMaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(x.Shape.Channels, x, y) && (argmax?.Offset ?? 0) % 4 == 0;
        ElementKernel(_maxPool, four, nameof(MaxPoolForward), static four => four ? PoolKernels.MaxForward<Winners4> : PoolKernels.MaxForward<Winner>)
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y), ViewOrUnused(argmax), argmax is null ? 0 : 1, ExtentOf(x.Shape, y.Shape, geometry, default, four));
    }

    protected override void RunMaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        bool four = Fours(dx.Shape.Channels, dy, dx) && argmax.Offset % 4 == 0;
        ElementKernel(_maxPoolBack, four, nameof(MaxPoolBackward), static four => four ? PoolKernels.MaxBackward<Four> : PoolKernels.MaxBackward<One>)
            (_stream, Packs(four, Count(dx.Shape)), View(dy), View(argmax), View(dx), BackwardExtentOf(dx.Shape, dy.Shape, geometry, default, four));
    }

    protected override void RunAveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(x.Shape.Channels, x, y);
        ElementKernel(_averagePool, four, nameof(AveragePoolForward), static four => four ? PoolKernels.AverageForward<Four> : PoolKernels.AverageForward<One>)
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y), ExtentOf(x.Shape, y.Shape, geometry, divisor, four));
    }

    protected override void RunAveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        bool four = Fours(dx.Shape.Channels, dy, dx);
        ElementKernel(_averagePoolBack, four, nameof(AveragePoolBackward), static four => four ? PoolKernels.AverageBackward<Four> : PoolKernels.AverageBackward<One>)
            (_stream, Packs(four, Count(dx.Shape)), View(dy), View(dx), BackwardExtentOf(dx.Shape, dy.Shape, geometry, divisor, four));
    }

    private static PoolExtents ExtentOf(Shape x, Shape y, PoolGeometry geometry, AveragePoolDivisor divisor, bool four) => new()
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
        ByPacks = FastDivisor.Of(Packs(four, x.Channels)),
        ByColumns = FastDivisor.Of(y.Width),
        ByRows = FastDivisor.Of(y.Height),
        ByStrideHeight = FastDivisor.Of(geometry.StrideHeight),
        ByStrideWidth = FastDivisor.Of(geometry.StrideWidth),
    };

    // The backward passes have their threads on the input.
    private static PoolExtents BackwardExtentOf(Shape x, Shape y, PoolGeometry geometry, AveragePoolDivisor divisor, bool four) =>
        ExtentOf(x, y, geometry, divisor, four) with { ByColumns = FastDivisor.Of(x.Width), ByRows = FastDivisor.Of(x.Height) };
}
