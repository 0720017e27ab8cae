namespace IlgpuSpp.Engine.Cpu;

/// <summary>Local response normalisation across channels. An item is a run of pixels.</summary>
internal unsafe struct LrnAcrossChannels : ILrnRegion
{
    private const int PixelsPerItem = 64;

    public long Pixels;
    public int Channels, Size;

    public readonly int Items => checked((int)((Pixels + PixelsPerItem - 1) / PixelsPerItem));

    public readonly long ScratchLength => ((long)PixelsPerItem * PaddedChannels + 15) / 16 * 16;

    // One pixel with half a window of zeros at each end.
    private readonly int PaddedChannels => Channels + 2 * (Size / 2);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void ILrnRegion.Run<TLanes, TMap>(int item, float* scratch, TMap map)
    {
        long first = (long)item * PixelsPerItem;
        int pixels = (int)Math.Min(PixelsPerItem, Pixels - first), channels = Channels, half = Size / 2, padded = PaddedChannels;
        new Span<float>(scratch, PixelsPerItem * padded).Clear();
        float* terms = scratch + half;
        for (int p = 0; p < pixels; p++)
        {
            long at = (first + p) * channels;
            float* row = terms + p * padded;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) map.Term<TLanes>(at + c).Store(row + c);
            for (; c < channels; c++) map.Term<LanesScalar>(at + c).Store(row + c);
        }
        for (int p = 0; p < pixels; p++)
        {
            long at = (first + p) * channels;
            float* row = terms + p * padded;
            int c = 0;
            for (; c + TLanes.Count <= channels; c += TLanes.Count) map.Finish(RowWindow.Sum<TLanes>(row + c, half, 1), at + c);
            for (; c < channels; c++) map.Finish(RowWindow.Sum<LanesScalar>(row + c, half, 1), at + c);
        }
    }
}
