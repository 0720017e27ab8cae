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

/// <summary>LRN across channels, forwards or backwards.</summary>
internal unsafe struct LrnAcrossJob<TMap> : IVectorJob
    where TMap : unmanaged, ILrnMap
{
    public LrnPixelExtents Extents;
    public TMap Map;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        long first = (long)item * LrnPixelExtents.PixelsPerItem;
        int pixels = (int)Math.Min(LrnPixelExtents.PixelsPerItem, Extents.Pixels - first), channels = Extents.Channels, half = Extents.Half;
        float* terms = Extents.PaddedPixels(worker);
        TMap map = Map;
        for (int p = 0; p < pixels; p++)
        {
            long at = (first + p) * channels;
            float* row = terms + p * Extents.PaddedChannels;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) map.Term<TLanes>(at + c).Store(row + c);
            for (; c < channels; c++) map.Term<LanesScalar>(at + c).Store(row + c);
        }
        for (int p = 0; p < pixels; p++)
        {
            long at = (first + p) * channels;
            float* row = terms + p * Extents.PaddedChannels;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) map.Finish(RowWindow.Sum<TLanes>(row + c, half, 1), at + c);
            for (; c < channels; c++) map.Finish(RowWindow.Sum<LanesScalar>(row + c, half, 1), at + c);
        }
    }
}
