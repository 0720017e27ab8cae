using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>The extents of a local response normalisation across channels, shared by its jobs. An item is a run of pixels.</summary>
internal unsafe struct LrnPixelExtents
{
    /// <summary>Pixels of an item.</summary>
    public const int PixelsPerItem = 64;

    public long Pixels;
    public int Channels, Size;

    /// <summary>Scratch of all workers, <see cref="ScratchLength"/> floats for each.</summary>
    public float* Scratch;

    public readonly int Half => Size / 2;

    /// <summary>One pixel with half a window of zeros at each end.</summary>
    public readonly int PaddedChannels => Channels + 2 * Half;

    public readonly long ScratchLength => ((long)PixelsPerItem * PaddedChannels + 15) / 16 * 16;

    public readonly int Items => checked((int)((Pixels + PixelsPerItem - 1) / PixelsPerItem));

    /// <summary>The zeroed scratch of a worker, at the first real channel of its first pixel.</summary>
    public readonly float* PaddedPixels(int worker)
    {
        float* pixels = Scratch + worker * ScratchLength;
        new Span<float>(pixels, PixelsPerItem * PaddedChannels).Clear();
        return pixels + Half;
    }
}

/// <summary>LRN across channels.</summary>
internal unsafe struct LrnAcrossForwardJob : IVectorJob
{
    public float* X, Y, S;
    public float Factor, Beta, K;
    public LrnPixelExtents Extents;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        long first = (long)item * LrnPixelExtents.PixelsPerItem;
        int pixels = (int)Math.Min(LrnPixelExtents.PixelsPerItem, Extents.Pixels - first), channels = Extents.Channels;
        float* squares = Extents.PaddedPixels(worker);
        for (int p = 0; p < pixels; p++)
        {
            float* x = X + (first + p) * channels, target = squares + p * Extents.PaddedChannels;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) (TLanes.Load(x + c) * TLanes.Load(x + c)).Store(target + c);
            for (; c < channels; c++) target[c] = x[c] * x[c];
        }
        for (int p = 0; p < pixels; p++)
        {
            long at = (first + p) * channels;
            float* row = squares + p * Extents.PaddedChannels;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) Finish<TLanes>(row + c, at + c);
            for (; c < channels; c++) Finish<LanesScalar>(row + c, at + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Finish<TLanes>(float* squares, long at)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes s = TLanes.Splat(K) + TLanes.Splat(Factor) * RowWindow.Sum<TLanes>(squares, Extents.Half, 1);
        if (S is not null) s.Store(S + at);
        (TLanes.Load(X + at) * VectorMath.NegativePower(s, Beta)).Store(Y + at);
    }
}

/// <summary>Gradient of LRN across channels.</summary>
internal unsafe struct LrnAcrossBackwardJob : IVectorJob
{
    public float* X, Y, S, Dy, Dx;
    public float Coefficient, Beta;
    public LrnPixelExtents Extents;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        long first = (long)item * LrnPixelExtents.PixelsPerItem;
        int pixels = (int)Math.Min(LrnPixelExtents.PixelsPerItem, Extents.Pixels - first), channels = Extents.Channels;
        float* ratios = Extents.PaddedPixels(worker);
        for (int p = 0; p < pixels; p++)
        {
            long at = (first + p) * channels;
            float* target = ratios + p * Extents.PaddedChannels;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) Ratio<TLanes>(at + c).Store(target + c);
            for (; c < channels; c++) Ratio<LanesScalar>(at + c).Store(target + c);
        }
        for (int p = 0; p < pixels; p++)
        {
            long at = (first + p) * channels;
            float* row = ratios + p * Extents.PaddedChannels;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) Finish<TLanes>(row + c, at + c);
            for (; c < channels; c++) Finish<LanesScalar>(row + c, at + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TLanes Ratio<TLanes>(long at)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load(Dy + at) * TLanes.Load(Y + at) / TLanes.Load(S + at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Finish<TLanes>(float* ratios, long at)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sum = RowWindow.Sum<TLanes>(ratios, Extents.Half, 1);
        TLanes direct = TLanes.Load(Dy + at) * VectorMath.NegativePower(TLanes.Load(S + at), Beta);
        (direct - TLanes.Splat(Coefficient) * TLanes.Load(X + at) * sum).Store(Dx + at);
    }
}
