using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Pyramid pooling of windows. An item is a block of channels of a run of windows; blocks come outermost, so that a block's
/// slice of the map stays in the second-level cache while the windows pass over it. Of each window every element is read
/// once: rows are taken in groups, a group's max is computed for every column segment, segments are joined to the column
/// bins of all levels, and these are joined down the rows. With argmax a group is a single row, so that everything is joined
/// in row-major order and ties fall to the first element; without it a group is a segment of rows.
/// </summary>
internal unsafe struct PyramidForwardJob : IVectorJob
{
    /// <summary>Channels of a block.</summary>
    public const int Block = 64;

    public float* X, Y;
    public int* Argmax;
    public PyramidExtents Extents;
    public int WindowsPerItem, Runs;

    /// <summary>Scratch of all workers, <see cref="ScratchLength"/> floats for each.</summary>
    public float* Scratch;

    public long ScratchStride;

    /// <summary>Floats of scratch for one worker.</summary>
    public static long ScratchLength(in PyramidExtents e, bool places)
    {
        long blocks = SegmentCount(e) + e.Bins;
        long length = blocks * Block * (places ? 2 : 1) +
            AxisPlan.ScratchLength(e.SideBins, e.Width) + AxisPlan.ScratchLength(e.SideBins, e.Height);
        return (length + 15) / 16 * 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int block = item / Runs * Block, width = Math.Min(Block, Extents.Channels - block);
        int start = item % Runs * WindowsPerItem, end = Math.Min(start + WindowsPerItem, Extents.Count);
        int vectors = width / TLanes.Count * TLanes.Count;
        var memory = new Memory(Scratch + worker * ScratchStride, Extents, Argmax is not null);
        for (int index = start; index < end; index++)
        {
            MapWindow window = Extents.Window(index);
            memory.Columns.Cut(Extents.Rule, Extents.Levels, Extents.LevelCount, window.Right - window.Left, single: false);
            memory.Rows.Cut(Extents.Rule, Extents.Levels, Extents.LevelCount, window.Bottom - window.Top, single: Argmax is not null);
            if (Argmax is null)
            {
                if (vectors > 0) Values<TLanes>(memory, window, block, 0, vectors);
                if (vectors < width) Values<LanesScalar>(memory, window, block, vectors, width);
            }
            else
            {
                if (vectors > 0) Places<TLanes>(memory, window, block, 0, vectors);
                if (vectors < width) Places<LanesScalar>(memory, window, block, vectors, width);
            }
            long row = (long)index * Extents.Bins * Extents.Channels;
            Write<TLanes>(memory.Bins, Y + row, block, width);
            if (Argmax is not null) Write<TLanes>(memory.BinPlaces, (float*)Argmax + row, block, width);
        }
    }

    private static int SegmentCount(in PyramidExtents e) => Math.Min(e.Width, 2 * e.SideBins);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Values<TLanes>(in Memory memory, MapWindow window, int block, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int channels = Extents.Channels;
        AxisPlan rows = memory.Rows, columns = memory.Columns;
        float* map = X + ((long)window.Image * Extents.Height * Extents.Width + (long)window.Top * Extents.Width + window.Left) * channels + block;
        long stride = (long)Extents.Width * channels;
        for (int group = 0; group < rows.Segments; group++)
        {
            float* top = map + rows.Starts[group] * stride;
            int height = rows.Starts[group + 1] - rows.Starts[group];
            for (int segment = 0; segment < columns.Segments; segment++)
            {
                float* corner = top + (long)columns.Starts[segment] * channels;
                int width = columns.Starts[segment + 1] - columns.Starts[segment];
                float* target = memory.Segments + segment * Block;
                int c = from;
                for (; c + 2 * TLanes.Count <= to; c += 2 * TLanes.Count)
                {
                    TLanes first = TLanes.Load(corner + c), second = TLanes.Load(corner + c + TLanes.Count);
                    float* line = corner + c;
                    for (int y = 0; y < height; y++, line += stride)
                    {
                        float* at = line;
                        for (int x = 0; x < width; x++, at += channels)
                        {
                            first = WindowMax.Larger(first, TLanes.Load(at));
                            second = WindowMax.Larger(second, TLanes.Load(at + TLanes.Count));
                        }
                    }
                    first.Store(target + c);
                    second.Store(target + c + TLanes.Count);
                }
                for (; c < to; c += TLanes.Count)
                    WindowMax.Values<TLanes>(corner + c, Extents.Width, channels, 0, height, 0, width).Store(target + c);
            }
            JoinValues<TLanes>(memory, group, from, to);
        }
    }

    // Column segments of one group → column bins → the bins whose rows hold the group.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void JoinValues<TLanes>(in Memory memory, int group, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        AxisPlan rows = memory.Rows, columns = memory.Columns;
        float* bins = memory.Bins;
        for (int l = 0, side = 0; l < Extents.LevelCount; l++)
        {
            int n = Extents.Levels[l];
            int low = 0;
            while (rows.EndSegments[side + low] <= group) low++;
            int high = low;
            while (high < n && rows.FirstSegments[side + high] <= group) high++;
            for (int q = 0; q < n; q++)
            {
                int first = columns.FirstSegments[side + q], end = columns.EndSegments[side + q];
                for (int c = from; c < to; c += TLanes.Count)
                {
                    float* segment = memory.Segments + first * Block + c;
                    TLanes best = TLanes.Load(segment);
                    for (int s = first + 1; s < end; s++)
                    {
                        segment += Block;
                        best = WindowMax.Larger(best, TLanes.Load(segment));
                    }
                    for (int r = low; r < high; r++)
                    {
                        float* bin = bins + (r * n + q) * Block + c;
                        (rows.FirstSegments[side + r] == group ? best : WindowMax.Larger(TLanes.Load(bin), best)).Store(bin);
                    }
                }
            }
            bins += n * n * Block;
            side += n;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Places<TLanes>(in Memory memory, MapWindow window, int block, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int channels = Extents.Channels;
        AxisPlan columns = memory.Columns;
        float* map = X + (long)window.Image * Extents.Height * Extents.Width * channels + block;
        for (int row = window.Top; row < window.Bottom; row++)
        {
            for (int segment = 0; segment < columns.Segments; segment++)
            {
                int left = window.Left + columns.Starts[segment], right = window.Left + columns.Starts[segment + 1];
                for (int c = from; c < to; c += TLanes.Count)
                {
                    TLanes best = WindowMax.Places(map + c, Extents.Width, channels, row, row + 1, left, right, out TLanes place);
                    best.Store(memory.Segments + segment * Block + c);
                    place.Store(memory.SegmentPlaces + segment * Block + c);
                }
            }
            JoinPlaces<TLanes>(memory, row - window.Top, from, to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void JoinPlaces<TLanes>(in Memory memory, int group, int from, int to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        AxisPlan rows = memory.Rows, columns = memory.Columns;
        float* bins = memory.Bins, binPlaces = memory.BinPlaces;
        for (int l = 0, side = 0; l < Extents.LevelCount; l++)
        {
            int n = Extents.Levels[l];
            int low = 0;
            while (rows.EndSegments[side + low] <= group) low++;
            int high = low;
            while (high < n && rows.FirstSegments[side + high] <= group) high++;
            for (int q = 0; q < n; q++)
            {
                int first = columns.FirstSegments[side + q], end = columns.EndSegments[side + q];
                for (int c = from; c < to; c += TLanes.Count)
                {
                    int at = first * Block + c;
                    TLanes best = TLanes.Load(memory.Segments + at), place = TLanes.Load(memory.SegmentPlaces + at);
                    for (int s = first + 1; s < end; s++)
                    {
                        at += Block;
                        Join(ref best, ref place, TLanes.Load(memory.Segments + at), TLanes.Load(memory.SegmentPlaces + at));
                    }
                    for (int r = low; r < high; r++)
                    {
                        int bin = (r * n + q) * Block + c;
                        TLanes joined = best, joinedPlace = place;
                        if (rows.FirstSegments[side + r] != group)
                        {
                            joined = TLanes.Load(bins + bin);
                            joinedPlace = TLanes.Load(binPlaces + bin);
                            Join(ref joined, ref joinedPlace, best, place);
                        }
                        joined.Store(bins + bin);
                        joinedPlace.Store(binPlaces + bin);
                    }
                }
            }
            bins += n * n * Block;
            binPlaces += n * n * Block;
            side += n;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join<TLanes>(ref TLanes best, ref TLanes place, TLanes next, TLanes nextPlace)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes wins = WindowMax.Wins(best, next);
        best = TLanes.Select(wins, next, best);
        place = TLanes.Select(wins, nextPlace, place);
    }

    // The bins lie [bin][channel]; the output wants [channel][bin] inside each level.
    private readonly void Write<TLanes>(float* bins, float* row, int block, int width)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int l = 0; l < Extents.LevelCount; l++)
        {
            int n2 = Extents.Levels[l] * Extents.Levels[l];
            BlockTranspose.Run<TLanes>(bins, Block, row + (long)block * n2, n2, width);
            bins += n2 * Block;
            row += (long)n2 * Extents.Channels;
        }
    }

    /// <summary>One worker's scratch.</summary>
    private struct Memory
    {
        public AxisPlan Rows, Columns;
        public float* Segments, SegmentPlaces, Bins, BinPlaces;

        public Memory(float* scratch, in PyramidExtents e, bool places)
        {
            int segments = SegmentCount(e) * Block, bins = e.Bins * Block;
            Segments = scratch;
            Bins = Segments + segments;
            scratch = Bins + bins;
            if (places)
            {
                SegmentPlaces = scratch;
                BinPlaces = SegmentPlaces + segments;
                scratch = BinPlaces + bins;
            }
            Columns = AxisPlan.Create((int*)scratch, e.SideBins, e.Width);
            Rows = AxisPlan.Create((int*)scratch + AxisPlan.ScratchLength(e.SideBins, e.Width), e.SideBins, e.Height);
        }
    }
}
