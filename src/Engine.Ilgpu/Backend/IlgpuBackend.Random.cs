using ILGPU;
using ILGPU.Runtime;
using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

public sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, Index1D, ArrayView<float>, float, float, PhiloxKey>? _uniform, _normal;
    private Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, float, float, PhiloxKey>? _dropout;

    protected override void RunFillUniform(Tensor y, float low, float high, RandomKey key)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        ElementKernel(ref _uniform, nameof(FillUniform), static () => RandomKernels.FillUniform)
            (_stream, Blocks(y), View(y), low, high - low, Key(key));
    }

    protected override void RunFillNormal(Tensor y, float mean, float deviation, RandomKey key)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        ElementKernel(ref _normal, nameof(FillNormal), static () => RandomKernels.FillNormal)
            (_stream, Blocks(y), View(y), mean, deviation, Key(key));
    }

    protected override void RunDropoutForward(Tensor x, Tensor y, float rate, RandomKey key)
    {
        Drop(x, y, rate, key);
    }

    protected override void RunDropoutBackward(Tensor dy, Tensor dx, float rate, RandomKey key)
    {
        Drop(dy, dx, rate, key);
    }

    private void Drop(Tensor x, Tensor y, float rate, RandomKey key)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        ElementKernel(ref _dropout, nameof(DropoutForward), static () => RandomKernels.Dropout)
            (_stream, Blocks(y), View(x), View(y), rate, 1 / (1 - rate), Key(key));
    }

    private int Blocks(Tensor tensor) => (int)(((long)Count(tensor.Shape) + 3) / 4);

    private static PhiloxKey Key(RandomKey key) =>
        new() { SeedLow = (uint)key.Seed, SeedHigh = (uint)(key.Seed >> 32), Stream = key.Stream, Step = key.Step };
}
