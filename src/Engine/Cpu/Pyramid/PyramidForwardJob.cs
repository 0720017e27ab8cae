namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Pyramid pooling of windows. An item is a block of channels of a run of windows; blocks come outermost, so that a block's
/// slice of the map stays in the second-level cache while the windows pass over it. Of each window every element is read
/// once: rows are taken in groups, a group's max is computed for every column segment, segments are joined to column bins
/// (<see cref="PyramidValues"/>, <see cref="PyramidPlaces"/>), and these are joined down the rows. Levels that divide a finer
/// one are joined from its bins.
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
        long blocks = PyramidScratch.SegmentCount(e) + e.Bins;
        long length = blocks * Block * (places ? 2 : 1) +
            AxisPlan.ScratchLength(e.Levels.SideBins, e.Width) + AxisPlan.ScratchLength(e.Levels.SideBins, e.Height);
        return (length + 15) / 16 * 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void IVectorJob.Run<TLanes>(int item, int worker)
    {
        int block = item / Runs * Block, width = Math.Min(Block, Extents.Channels - block);
        int start = item % Runs * WindowsPerItem, end = Math.Min(start + WindowsPerItem, Extents.Count);
        int vectors = width / TLanes.Count * TLanes.Count;
        var scratch = new PyramidScratch(Scratch + worker * ScratchStride, Extents, Argmax is not null);
        for (int index = start; index < end; index++)
        {
            MapWindow window = Extents.Window(index);
            scratch.Columns.Cut(Extents.Rule, Extents.Levels, window.Right - window.Left, single: false);
            scratch.Rows.Cut(Extents.Rule, Extents.Levels, window.Bottom - window.Top, single: Argmax is not null);
            float* map = X + (long)window.Image * Extents.Height * Extents.Width * Extents.Channels + block;
            if (Argmax is null)
            {
                if (vectors > 0) PyramidValues.Pool<TLanes>(scratch, Extents, map, window, 0, vectors);
                if (vectors < width) PyramidValues.Pool<LanesScalar>(scratch, Extents, map, window, vectors, width);
            }
            else
            {
                if (vectors > 0) PyramidPlaces.Pool<TLanes>(scratch, Extents, map, window, 0, vectors);
                if (vectors < width) PyramidPlaces.Pool<LanesScalar>(scratch, Extents, map, window, vectors, width);
            }
            long row = (long)index * Extents.Bins * Extents.Channels;
            Write<TLanes>(scratch.Bins, Y + row, block, width);
            if (Argmax is not null) Write<TLanes>(scratch.BinPlaces, (float*)Argmax + row, block, width);
        }
    }

    // The bins lie [bin][channel]; the output wants [channel][bin] inside each level.
    private readonly void Write<TLanes>(float* bins, float* row, int block, int width)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int l = 0; l < Extents.Levels.Count; l++)
        {
            LevelStep step = Extents.Levels.Steps[l];
            int n2 = step.Level * step.Level;
            float* target = row + (long)step.Offset * Extents.Channels + (long)block * n2;
            BlockTranspose.Run<TLanes>(bins + step.Offset * Block, Block, target, n2, width);
        }
    }
}

/// <summary>A rectangle of one image's map, bottom and right excluded.</summary>
internal readonly record struct MapWindow(int Image, int Top, int Left, int Bottom, int Right);

/// <summary>The extents of a pyramid pooling, shared by its jobs.</summary>
internal unsafe struct PyramidExtents
{
    public int Images, Height, Width, Channels;

    /// <summary>Windows, or images where whole maps are pooled.</summary>
    public int Count;

    /// <summary>Rows of (image, top, left, bottom, right), or null where whole maps are pooled.</summary>
    public int* Windows;

    public LevelPlan Levels;

    /// <summary>Bins of all levels: Σ n².</summary>
    public int Bins;

    public PyramidRule Rule;

    /// <summary>One window, clamped to the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly MapWindow Window(int index)
    {
        if (Windows is null) return new MapWindow(index, 0, 0, Height, Width);
        int* row = Windows + 5L * index;
        int top = Math.Clamp(row[1], 0, Height - 1), left = Math.Clamp(row[2], 0, Width - 1);
        return new MapWindow(Math.Clamp(row[0], 0, Images - 1), top, left,
            Math.Clamp(row[3], top + 1, Height), Math.Clamp(row[4], left + 1, Width));
    }
}

/// <summary>One worker's scratch: the plans of a window's sides and blocks of <see cref="PyramidForwardJob.Block"/> channels.</summary>
internal unsafe struct PyramidScratch
{
    public AxisPlan Rows, Columns;

    /// <summary>The max of every column segment of one group of rows, and its place.</summary>
    public float* Segments, SegmentPlaces;

    /// <summary>The max of every bin, in the output's order of bins, and its place.</summary>
    public float* Bins, BinPlaces;

    public PyramidScratch(float* memory, in PyramidExtents e, bool places)
    {
        int segments = SegmentCount(e) * PyramidForwardJob.Block, bins = e.Bins * PyramidForwardJob.Block;
        Segments = memory;
        Bins = Segments + segments;
        memory = Bins + bins;
        if (places)
        {
            SegmentPlaces = memory;
            BinPlaces = SegmentPlaces + segments;
            memory = BinPlaces + bins;
        }
        int side = e.Levels.SideBins;
        Columns = AxisPlan.Create((int*)memory, side, e.Width);
        Rows = AxisPlan.Create((int*)memory + AxisPlan.ScratchLength(side, e.Width), side, e.Height);
    }

    /// <summary>The most column segments that a window can have.</summary>
    public static int SegmentCount(in PyramidExtents e) => Math.Min(e.Width, 2 * e.Levels.SideBins);
}
