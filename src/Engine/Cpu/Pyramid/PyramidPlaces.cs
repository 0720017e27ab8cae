namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// The bins of one window for the channels of one block, with places. A group is a single row, so that everything is joined
/// in row-major order and ties fall to the first element; where bins of a finer level are joined, ties are told by place.
/// </summary>
internal static unsafe class PyramidPlaces
{
    private const int Block = PyramidForwardJob.Block;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pool<TLanes>(in PyramidScratch scratch, in PyramidExtents extents, float* map, MapWindow window, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int channels = extents.Channels, count = scratch.Columns.Segments;
        int* starts = scratch.Columns.Starts;
        for (int row = window.Top; row < window.Bottom; row++)
        {
            for (int segment = 0; segment < count; segment++)
            {
                int left = window.Left + starts[segment], right = window.Left + starts[segment + 1];
                for (int c = from; c < to; c += TLanes.Count)
                {
                    TLanes best = WindowMax.Places(map + c, extents.Width, channels, row, row + 1, left, right, out TLanes place);
                    best.Store(scratch.Segments + segment * Block + c);
                    place.Store(scratch.SegmentPlaces + segment * Block + c);
                }
            }
            for (int l = 0; l < extents.Levels.Pooled; l++)
                JoinSegments<TLanes>(scratch, extents.Levels.Steps[l], row - window.Top, from, to);
        }
        for (int l = extents.Levels.Pooled; l < extents.Levels.Count; l++)
            JoinBins<TLanes>(scratch, extents.Levels.Steps[l], from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinSegments<TLanes>(in PyramidScratch scratch, LevelStep step, int group, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int n = step.Level;
        int* firstRows = scratch.Rows.FirstSegments + step.Side, firstColumns = scratch.Columns.FirstSegments + step.Side, endColumns = scratch.Columns.EndSegments + step.Side;
        var (low, high) = scratch.Rows.Holding(step, group);
        float* segments = scratch.Segments, places = scratch.SegmentPlaces;
        for (int q = 0; q < n; q++)
        {
            for (int c = from; c < to; c += TLanes.Count)
            {
                int at = firstColumns[q] * Block + c;
                TLanes best = TLanes.Load(segments + at), place = TLanes.Load(places + at);
                for (int s = firstColumns[q] + 1; s < endColumns[q]; s++)
                {
                    at += Block;
                    TLanes next = TLanes.Load(segments + at), wins = WindowMax.Wins(best, next);
                    best = TLanes.Select(wins, next, best);
                    place = TLanes.Select(wins, TLanes.Load(places + at), place);
                }
                for (int r = low; r < high; r++)
                {
                    int bin = (step.Offset + r * n + q) * Block + c;
                    TLanes joined = best, joinedPlace = place;
                    if (firstRows[r] != group)
                    {
                        TLanes before = TLanes.Load(scratch.Bins + bin), wins = WindowMax.Wins(before, best);
                        joined = TLanes.Select(wins, best, before);
                        joinedPlace = TLanes.Select(wins, place, TLanes.Load(scratch.BinPlaces + bin));
                    }
                    joined.Store(scratch.Bins + bin);
                    joinedPlace.Store(scratch.BinPlaces + bin);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void JoinBins<TLanes>(in PyramidScratch scratch, LevelStep step, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int n = step.Level, parts = step.Parent / n;
        float* bins = scratch.Bins, places = scratch.BinPlaces;
        for (int r = 0; r < n; r++)
            for (int q = 0; q < n; q++)
            {
                int target = (step.Offset + r * n + q) * Block, corner = (step.ParentOffset + r * parts * step.Parent + q * parts) * Block;
                for (int c = from; c < to; c += TLanes.Count)
                {
                    TLanes best = TLanes.Load(bins + corner + c), place = TLanes.Load(places + corner + c);
                    for (int i = 0; i < parts; i++)
                        for (int j = i == 0 ? 1 : 0; j < parts; j++)
                        {
                            int at = corner + (i * step.Parent + j) * Block + c;
                            JoinByPlace(ref best, ref place, TLanes.Load(bins + at), TLanes.Load(places + at));
                        }
                    best.Store(bins + target + c);
                    place.Store(places + target + c);
                }
            }
    }

    // The next replaces the best if it is larger, or not smaller (equal, or both NaN) at an earlier place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void JoinByPlace<TLanes>(ref TLanes best, ref TLanes place, TLanes next, TLanes nextPlace)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes earlier = TLanes.AndNot(TLanes.LessBits(nextPlace, place), WindowMax.Wins(next, best));
        TLanes wins = WindowMax.Wins(best, next) | earlier;
        best = TLanes.Select(wins, next, best);
        place = TLanes.Select(wins, nextPlace, place);
    }
}
