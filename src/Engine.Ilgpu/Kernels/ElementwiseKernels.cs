using ILGPU;

namespace IlgpuSpp.Engine.Ilgpu.Kernels;

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
