namespace IlgpuSpp.Engine.Cpu;

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
