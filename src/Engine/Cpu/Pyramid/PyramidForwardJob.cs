using System.Runtime.CompilerServices;

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
    public readonly void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>
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
