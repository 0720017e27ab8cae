namespace IlgpuSpp.Detection.Tests;

public sealed class RegionGroupingTests
{
    private const RegionSimilarity SizeAndFill = RegionSimilarity.Size | RegionSimilarity.Fill;

    [Fact]
    public void Histograms_OfTwoColours()
    {
        // Left block 4 x 10 of 0, right block 6 x 10 of 255: grey 0 is in bin 0, 255 in bin 24 of 25.
        RegionSet regions = TwoBlocks();
        Assert.Equal([40, 60], regions.Sizes);
        Assert.Equal([new RegionExtent(0, 0, 3, 9), new RegionExtent(4, 0, 9, 9)], regions.Extents);
        Assert.Equal([(0, 1)], regions.Neighbours);
        Assert.Equal(1, regions.Colour[0], 1e-6);
        Assert.Equal(1, regions.Colour[regions.ColourStride + 24], 1e-6);
        Assert.Equal(2, regions.Colour.Sum(), 1e-5);
    }

    [Fact]
    public void TextureHistogram_OfAVerticalStep()
    {
        // One channel, eight orientations, each holding every pixel once: each orientation's ten bins add up to 1/8.
        RegionSet regions = TwoBlocks();
        for (int orientation = 0; orientation < 8; orientation++)
            Assert.Equal(0.125, regions.Texture.AsSpan(orientation * 10, 10).ToArray().Sum(), 1e-5);
        // The step from x = 3 to 4 rises to the right: in orientation 0 its pixels leave bin 0, and the strongest are in bin 9. Derivatives
        // by a Gaussian of sigma 1 at distances 0.5, 1.5, 2.5, 3.5 of the step are 1, 0.37, 0.05, 0.002 of the top: bins 9, 3, 0, 0.
        Assert.Equal([0.0625, 0, 0, 0.03125, 0, 0, 0, 0, 0, 0.03125], regions.Texture.AsSpan(0, 10).ToArray().Select(v => Math.Round(v, 5)));
        // Nothing changes downwards or falls to the right: orientations 2, 4, 5... of the opposite sign stay in bin 0.
        foreach (int orientation in (int[])[2, 4, 5, 6]) Assert.Equal(0.125, regions.Texture[orientation * 10], 1e-5);
        // At 45 degrees the response is 0.707 of it: bin 7 and, at 1.5, 0.26: bin 2.
        Assert.Equal(0.03125, regions.Texture[10 + 7], 1e-5);
        Assert.Equal(0.03125, regions.Texture[10 + 2], 1e-5);
        Assert.Equal(0.03125, regions.Texture[70 + 7], 1e-5);
    }

    // Four columns A (1 wide), B (1), C (2), D (4) of one height: by size alone A+B merge first (1 - 2/8), then AB+C (1 - 4/8), then all.
    [Fact]
    public void BySize_SmallRegionsMergeFirst()
    {
        RegionSet regions = Columns(1, 1, 2, 4);
        RegionExtent[] boxes = RegionGrouping.Group(regions, RegionSimilarity.Size);
        Assert.Equal([new(0, 0, 1, 4), new(0, 0, 3, 4), new(0, 0, 7, 4)], boxes[4..]);
    }

    // Columns of 4, 3, 1, 3 and 4, numbered 0 to 4: the 1 goes with the 3 before it, as pair (1, 2) and not (2, 3), and becomes 5. Then (3, 4) and
    // (3, 5) are both of 7: (3, 4) is first and becomes 6. Last 0 and 5, of 8.
    [Fact]
    public void BySize_TiesGoToTheLowerNumbers()
    {
        RegionExtent[] boxes = RegionGrouping.Group(Columns(4, 3, 1, 3, 4), RegionSimilarity.Size);
        Assert.Equal([new(4, 0, 7, 4), new(8, 0, 14, 4), new(0, 0, 7, 4), new(0, 0, 14, 4)], boxes[5..]);
    }

    // An L-shaped region around a corner block, and a bar beside. 10 x 10: corner 5 x 5 (25) in an L of 8 x 10 without it (55), bar 2 x 10.
    // Fill: corner+L 1 - (80 - 80)/100 = 1; L+bar 1 - (100 - 75)/100 = 0.75. Size: corner+L 1 - 80/100 = 0.2; L+bar 1 - 75/100 = 0.25.
    // Size alone takes the bar first, the sum (1.2 against 1.0) the corner.
    [Fact]
    public void Fill_OutweighsSize_AsComputedByHand()
    {
        RgbImage image = DrawnImage.Plain(10, 10, 100, 100, 100).With(0, 0, 4, 4, 200, 200, 200).With(8, 0, 9, 9, 0, 0, 0);
        RegionSet regions = Regions(image);
        Assert.Equal([25, 55, 20], regions.Sizes);
        Assert.Equal([(0, 1), (1, 2)], regions.Neighbours);
        Assert.Equal(new RegionExtent(0, 0, 9, 9), RegionGrouping.Group(regions, RegionSimilarity.Size)[3]);
        Assert.Equal(new RegionExtent(0, 0, 7, 9), RegionGrouping.Group(regions, SizeAndFill)[3]);
    }

    // Columns: grey 0 | 12 | 255. 0 and 5 share bin 0, 12 falls into bin 1: colour joins the equal bins whatever their sizes.
    [Fact]
    public void Colour_JoinsEqualHistograms()
    {
        RgbImage image = DrawnImage.Plain(30, 10, 0, 0, 0).With(10, 0, 19, 9, 9, 9, 9).With(20, 0, 29, 9, 12, 12, 12);
        RegionSet regions = Regions(image, k: 1);
        Assert.Equal(3, regions.Count);
        Assert.Equal(new RegionExtent(0, 0, 19, 9), RegionGrouping.Group(regions, RegionSimilarity.Colour)[3]);
        // And 10.3 is the edge of bin 1 (256 / 25 = 10.24): with 11 in the middle the right pair is equal.
        image.With(10, 0, 19, 9, 11, 11, 11);
        regions = RegionSet.Create(GraphSegmentation.Segment(image, ColourSpace.Intensity, 0, 0.5, 1), PixelBins.Create(ColourPlanes.Convert(image, ColourSpace.Intensity)));
        Assert.Equal(new RegionExtent(10, 0, 29, 9), RegionGrouping.Group(regions, RegionSimilarity.Colour)[3]);
    }

    // A mixture's histogram is the mean weighted by size. Columns: bin 0 (3 wide), bin 0 (1 wide, split off by the segments given), bin 12, ...
    [Fact]
    public void MergedHistogram_IsTheWeightedMean()
    {
        // Regions 0: 10 px of grey 0; 1: 30 px of 255; 2: 60 px, half 0, half 255. Chain 0-1-2 as columns; the map is made by hand.
        var image = new RgbImage(10, 10);
        image.With(1, 0, 3, 9, 255, 255, 255).With(4, 0, 6, 9, 255, 255, 255);
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 10 < 1 ? 0 : i % 10 < 4 ? 1 : 2)];
        RegionSet regions = RegionSet.Create(new SegmentMap(10, 10, labels, 3), PixelBins.Create(ColourPlanes.Convert(image, ColourSpace.Intensity)));
        Assert.Equal(0.5, regions.Colour[2 * regions.ColourStride], 1e-6);
        Assert.Equal(0.5, regions.Colour[2 * regions.ColourStride + 24], 1e-6);
        // Intersections: (0,1) = 0, (1,2) = 0.5; so 1 and 2 merge first: box from x = 1.
        Assert.Equal(new RegionExtent(1, 0, 9, 9), RegionGrouping.Group(regions, RegionSimilarity.Colour)[3]);
    }

    [Fact]
    public void Hierarchy_HoldsAllRegionsAndEndsWithTheImage()
    {
        RgbImage image = DrawnImage.Busy(160, 120);
        ColourPlanes planes = ColourPlanes.Convert(image, ColourSpace.Lab);
        using SortedPixelEdges edges = GraphSegmentation.Edges(planes, 0.8);
        RegionSet regions = RegionSet.Create(GraphSegmentation.Segment(edges, 50, 50), PixelBins.Create(planes));
        RegionExtent[] boxes = RegionGrouping.Group(regions, RegionSimilarity.Colour | RegionSimilarity.Texture | SizeAndFill);
        Assert.True(regions.Count > 30);
        Assert.Equal(2 * regions.Count - 1, boxes.Length);
        Assert.Equal(regions.Extents, boxes[..regions.Count]);
        Assert.Equal(new RegionExtent(0, 0, 159, 119), boxes[^1]);
        Assert.Equal(160 * 120, regions.Sizes.Sum());
    }

    private static RegionSet TwoBlocks() => Regions(DrawnImage.Plain(10, 10, 0, 0, 0).With(4, 0, 9, 9, 255, 255, 255));

    private static RegionSet Columns(params int[] widths)
    {
        var image = new RgbImage(widths.Sum(), 5);
        for (int i = 0, x = 0; i < widths.Length; x += widths[i++]) image.With(x, 0, x + widths[i] - 1, 4, (byte)(i % 2 * 200), 0, 0);
        return Regions(image);
    }

    private static RegionSet Regions(RgbImage image, double k = 10) => RegionSet.Create(
        GraphSegmentation.Segment(image, ColourSpace.Intensity, 0, k, 1),
        PixelBins.Create(ColourPlanes.Convert(image, ColourSpace.Intensity)));
}
