using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

internal sealed partial class IlgpuBackend
{
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, float>> _fill = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>>> _copy = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>> _add = new(), _multiply = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, float, ArrayView<float>>> _scale = new(), _accumulate = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, int, float, ArrayView<float>, ArrayView<float>>> _activate = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, int, float, ArrayView<float>, ArrayView<float>, ArrayView<float>>> _activateBack = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor>> _prelu = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, FastDivisor>> _preluInput = new();
    private readonly PackLauncher<Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>> _preluSlopes = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, FastDivisor, ArrayView<float>, int, int>> _join = new();
    private readonly PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, int, int, ArrayView<float>, FastDivisor>> _cut = new();

    protected override void RunFill(Tensor y, float value)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), y);
        ElementKernel(_fill, four, nameof(Fill), static four => four ? ElementwiseKernels.Fill<Four> : ElementwiseKernels.Fill<One>)
            (_stream, Packs(four, Count(y.Shape)), View(y), value);
    }

    protected override void RunCopy(Tensor x, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        ElementKernel(_copy, four, nameof(Copy), static four => four ? ElementwiseKernels.Copy<Four> : ElementwiseKernels.Copy<One>)
            (_stream, Packs(four, Count(y.Shape)), View(x), View(y));
    }

    protected override void RunAdd(Tensor a, Tensor b, Tensor y) =>
        Combine(_add, nameof(Add), static four => four ? ElementwiseKernels.Add<Four> : ElementwiseKernels.Add<One>, a, b, y);

    protected override void RunMultiply(Tensor a, Tensor b, Tensor y) =>
        Combine(_multiply, nameof(Multiply), static four => four ? ElementwiseKernels.Multiply<Four> : ElementwiseKernels.Multiply<One>, a, b, y);

    private void Combine(
        PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>>> launchers, string name, Func<bool, Delegate> kernel, Tensor a, Tensor b, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), a, b, y);
        ElementKernel(launchers, four, name, kernel)(_stream, Packs(four, Count(y.Shape)), View(a), View(b), View(y));
    }

    protected override void RunScale(Tensor x, float scale, Tensor y) =>
        Scaled(_scale, nameof(Scale), static four => four ? ElementwiseKernels.Scale<Four> : ElementwiseKernels.Scale<One>, x, scale, y);

    protected override void RunAccumulate(Tensor x, float scale, Tensor y) =>
        Scaled(_accumulate, nameof(Accumulate), static four => four ? ElementwiseKernels.Accumulate<Four> : ElementwiseKernels.Accumulate<One>, x, scale, y);

    private void Scaled(
        PackLauncher<Action<AcceleratorStream, Index1D, ArrayView<float>, float, ArrayView<float>>> launchers, string name, Func<bool, Delegate> kernel, Tensor x, float scale, Tensor y)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        ElementKernel(launchers, four, name, kernel)(_stream, Packs(four, Count(y.Shape)), View(x), scale, View(y));
    }

    protected override void RunActivationForward(Activation activation, Tensor x, Tensor y)
    {
        using var scope = Enter();
        Activate(activation, x, y);
    }

    protected override void RunActivationBackward(Activation activation, Tensor y, Tensor dy, Tensor dx)
    {
        using var scope = Enter();
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), y, dy, dx);
        ElementKernel(_activateBack, four, nameof(ActivationBackward), static four => four ? ElementwiseKernels.ActivationBackward<Four> : ElementwiseKernels.ActivationBackward<One>)
            (_stream, Packs(four, Count(y.Shape)), (int)activation.Kind, activation.Slope, View(y), View(dy), View(dx));
    }

    protected override void RunPReluForward(Tensor x, Tensor slope, Tensor y)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels;
        bool four = Fours(channels, x, slope, y);
        ElementKernel(_prelu, four, nameof(PReluForward), static four => four ? ElementwiseKernels.PReluForward<Four> : ElementwiseKernels.PReluForward<One>)
            (_stream, Packs(four, Count(x.Shape)), View(x), View(slope), View(y), FastDivisor.Of(Packs(four, channels)));
    }

    protected override void RunPReluBackward(Tensor x, Tensor slope, Tensor dy, Tensor? dx, Tensor? dSlope)
    {
        using var scope = Enter();
        if (x.Count == 0) return;
        int channels = x.Shape.Channels, rows = Count(x.Shape) / channels;
        // The slopes first: dx may take the place of dy.
        if (dSlope is not null)
        {
            var (runs, runRows) = RunsOf(rows, channels);
            using Tensor partials = Allocate(new Shape(runs, channels));
            GroupKernel(_preluSlopes, Fours(channels, x, dy, partials), "Slopes of PReluBackward", static four => four ? ColumnKernels.PReluSlopes<Four> : ColumnKernels.PReluSlopes<One>)
                (_stream, ColumnConfig(channels, runs), View(x), View(dy), View(partials), rows, channels, runRows);
            TotalColumnSums(partials, dSlope, runs, channels, 1, accumulate: true);
        }
        if (dx is null) return;
        bool four = Fours(channels, x, slope, dy, dx);
        ElementKernel(_preluInput, four, nameof(PReluBackward), static four => four ? ElementwiseKernels.PReluInput<Four> : ElementwiseKernels.PReluInput<One>)
            (_stream, Packs(four, Count(x.Shape)), View(x), View(slope), View(dy), View(dx), FastDivisor.Of(Packs(four, channels)));
    }

    protected override void RunConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y)
    {
        using var scope = Enter();
        int first = 0;
        foreach (Tensor input in inputs)
        {
            int channels = input.Shape.Channels;
            JoinAt(input, channels, y, y.Shape.Channels, first);
            first += channels;
        }
    }

    protected override void RunConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients)
    {
        using var scope = Enter();
        int first = 0;
        foreach (Tensor gradient in inputGradients)
        {
            int channels = gradient.Shape.Channels;
            CutAt(dy, dy.Shape.Channels, first, gradient, channels);
            first += channels;
        }
    }

    // Rows of a part into a run of the columns of wider rows.
    private void JoinAt(Tensor part, int partColumns, Tensor whole, int wholeColumns, int first)
    {
        if (part.Count == 0) return;
        bool four = Fours(partColumns, part, whole) && first % 4 == 0 && wholeColumns % 4 == 0;
        ElementKernel(_join, four, nameof(ConcatForward), static four => four ? ElementwiseKernels.Join<Four> : ElementwiseKernels.Join<One>)
            (_stream, Packs(four, Count(part.Shape)), View(part), FastDivisor.Of(Packs(four, partColumns)), View(whole), wholeColumns, first);
    }

    private void CutAt(Tensor whole, int wholeColumns, int first, Tensor part, int partColumns)
    {
        if (part.Count == 0) return;
        bool four = Fours(partColumns, part, whole) && first % 4 == 0 && wholeColumns % 4 == 0;
        ElementKernel(_cut, four, nameof(ConcatBackward), static four => four ? ElementwiseKernels.Cut<Four> : ElementwiseKernels.Cut<One>)
            (_stream, Packs(four, Count(part.Shape)), View(whole), wholeColumns, first, View(part), FastDivisor.Of(Packs(four, partColumns)));
    }

    private void Activate(Activation activation, Tensor x, Tensor y)
    {
        if (y.Count == 0) return;
        bool four = Fours(Count(y.Shape), x, y);
        ElementKernel(_activate, four, nameof(ActivationForward), static four => four ? ElementwiseKernels.ActivationForward<Four> : ElementwiseKernels.ActivationForward<One>)
            (_stream, Packs(four, Count(y.Shape)), (int)activation.Kind, activation.Slope, View(x), View(y));
    }
}

/// <summary>One thread a pack of elements.</summary>
internal static class ElementwiseKernels
{
    public static void Fill<TPack>(Index1D i, ArrayView<float> y, float value)
        where TPack : unmanaged, IPack<TPack> => TPack.All(value).Store(y, i * TPack.Width);

    public static void Copy<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> y)
        where TPack : unmanaged, IPack<TPack> => TPack.Load(x, i * TPack.Width).Store(y, i * TPack.Width);

    public static void Add<TPack>(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y)
        where TPack : unmanaged, IPack<TPack> => (TPack.Load(a, i * TPack.Width) + TPack.Load(b, i * TPack.Width)).Store(y, i * TPack.Width);

    public static void Multiply<TPack>(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y)
        where TPack : unmanaged, IPack<TPack> => (TPack.Load(a, i * TPack.Width) * TPack.Load(b, i * TPack.Width)).Store(y, i * TPack.Width);

    public static void Scale<TPack>(Index1D i, ArrayView<float> x, float scale, ArrayView<float> y)
        where TPack : unmanaged, IPack<TPack> => (scale * TPack.Load(x, i * TPack.Width)).Store(y, i * TPack.Width);

    public static void Accumulate<TPack>(Index1D i, ArrayView<float> x, float scale, ArrayView<float> y)
        where TPack : unmanaged, IPack<TPack> => (TPack.Load(y, i * TPack.Width) + scale * TPack.Load(x, i * TPack.Width)).Store(y, i * TPack.Width);

    public static void ActivationForward<TPack>(Index1D i, int kind, float slope, ArrayView<float> x, ArrayView<float> y)
        where TPack : unmanaged, IPack<TPack> => TPack.Activate(kind, slope, TPack.Load(x, i * TPack.Width)).Store(y, i * TPack.Width);

    public static void ActivationBackward<TPack>(Index1D i, int kind, float slope, ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx)
        where TPack : unmanaged, IPack<TPack> =>
        TPack.ActivationGradient(kind, slope, TPack.Load(y, i * TPack.Width), TPack.Load(dy, i * TPack.Width)).Store(dx, i * TPack.Width);

    public static void PReluForward<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> slope, ArrayView<float> y, FastDivisor byPacks)
        where TPack : unmanaged, IPack<TPack>
    {
        int me = i * TPack.Width;
        TPack value = TPack.Load(x, me);
        TPack.WherePositive(value, value, TPack.Load(slope, (i - byPacks.Divide(i) * byPacks.Divisor) * TPack.Width) * value).Store(y, me);
    }

    public static void PReluInput<TPack>(Index1D i, ArrayView<float> x, ArrayView<float> slope, ArrayView<float> dy, ArrayView<float> dx, FastDivisor byPacks)
        where TPack : unmanaged, IPack<TPack>
    {
        int me = i * TPack.Width;
        TPack g = TPack.Load(dy, me);
        TPack.WherePositive(TPack.Load(x, me), g, TPack.Load(slope, (i - byPacks.Divide(i) * byPacks.Divisor) * TPack.Width) * g).Store(dx, me);
    }

    /// <summary>Copies rows of a part's channels into a run of the columns of wider rows.</summary>
    public static void Join<TPack>(Index1D i, ArrayView<float> part, FastDivisor byPacks, ArrayView<float> whole, int wholeChannels, int firstChannel)
        where TPack : unmanaged, IPack<TPack>
    {
        int row = byPacks.Divide(i);
        TPack.Load(part, i * TPack.Width).Store(whole, row * wholeChannels + firstChannel + (i - row * byPacks.Divisor) * TPack.Width);
    }

    /// <summary>The reverse of <see cref="Join"/>.</summary>
    public static void Cut<TPack>(Index1D i, ArrayView<float> whole, int wholeChannels, int firstChannel, ArrayView<float> part, FastDivisor byPacks)
        where TPack : unmanaged, IPack<TPack>
    {
        int row = byPacks.Divide(i);
        TPack.Load(whole, row * wholeChannels + firstChannel + (i - row * byPacks.Divisor) * TPack.Width).Store(part, i * TPack.Width);
    }

    /// <summary>Rows of some channels to rows of the next multiple of four, with zeros behind; one thread a quad.</summary>
    public static void Widen(Index1D i, ArrayView<float> x, int channels, ArrayView<float> y, FastDivisor byQuads)
    {
        int row = byQuads.Divide(i), first = (i - row * byQuads.Divisor) * 4, at = row * channels + first;
        var quad = new Four(x[at], 0, 0, 0);
        if (first + 1 < channels) quad.V.Y = x[at + 1];
        if (first + 2 < channels) quad.V.Z = x[at + 2];
        if (first + 3 < channels) quad.V.W = x[at + 3];
        quad.Store(y, i * 4);
    }

    /// <summary>average ← decay·average + (1 − decay)·value.</summary>
    public static void Average<TPack>(Index1D i, ArrayView<float> average, ArrayView<float> value, float decay)
        where TPack : unmanaged, IPack<TPack> =>
        (decay * TPack.Load(average, i * TPack.Width) + (1 - decay) * TPack.Load(value, i * TPack.Width)).Store(average, i * TPack.Width);
}
