namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The max over a rectangle of an NHWC map for the channels of one vector. The first element in row-major order starts,
/// a later one wins only if it is larger, and the first NaN wins for good.
/// </summary>
internal static unsafe class WindowMax
{
    /// <summary>The larger of two where <paramref name="best"/> came first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Larger<TLanes>(TLanes best, TLanes next)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Select(TLanes.Equal(next, next), TLanes.MaxNative(next, best), next);

    /// <summary>Mask of the lanes where the later element replaces the best.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Wins<TLanes>(TLanes best, TLanes next)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.AndNot(TLanes.Equal(best, best), TLanes.LessOrEqual(next, best));

    /// <summary>The max alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Values<TLanes>(float* map, int width, int channels, int top, int bottom, int left, int right)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes best = TLanes.Load(map + ((long)top * width + left) * channels);
        for (int y = top; y < bottom; y++)
        {
            float* line = map + ((long)y * width + left) * channels;
            for (int x = left; x < right; x++, line += channels) best = Larger(best, TLanes.Load(line));
        }
        return best;
    }

    /// <summary>The max and its place, <c>row · width + column</c>, as int32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Places<TLanes>(float* map, int width, int channels, int top, int bottom, int left, int right, out TLanes place)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes best = TLanes.Load(map + ((long)top * width + left) * channels);
        place = TLanes.SplatBits(top * width + left);
        for (int y = top; y < bottom; y++)
        {
            float* line = map + ((long)y * width + left) * channels;
            for (int x = left; x < right; x++, line += channels)
            {
                TLanes next = TLanes.Load(line), wins = Wins(best, next);
                best = TLanes.Select(wins, next, best);
                place = TLanes.Select(wins, TLanes.SplatBits(y * width + x), place);
            }
        }
        return best;
    }
}
