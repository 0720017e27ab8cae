namespace IlgpuSpp.Detection.Tests;

public sealed class GraphSegmentationTests
{
    [Fact]
    public void TwoHalves_AreTwoSegments()
    {
        RgbImage image = DrawnImage.Plain(20, 10, 10, 10, 10).With(10, 0, 19, 9, 200, 200, 200);
        SegmentMap map = GraphSegmentation.Segment(image, ColourSpace.Rgb, 0, 100, 1);
        Assert.Equal(2, map.Count);
        for (int i = 0; i < 200; i++) Assert.Equal(i % 20 < 10 ? 0 : 1, map.Segments.Span[i]);
    }

    [Fact]
    public void PlainImage_IsOneSegment() =>
        Assert.Equal(1, GraphSegmentation.Segment(DrawnImage.Plain(7, 5, 1, 2, 3), ColourSpace.Lab, 0.8, 1, 1).Count);

    // Three columns 0, 30, 100 of one row. The edge 0-30 joins as 30 <= k. The joint component's limit is 30 + k/2, the single pixel's
    // k: the edge of 70 joins exactly when 70 <= 30 + k/2, so from k = 80 on.
    [Theory]
    [InlineData(29, 3)]
    [InlineData(30, 2)]
    [InlineData(79, 2)]
    [InlineData(80, 1)]
    public void Threshold_IsTheInternalDifferencePlusKOverSize(double k, int segments)
    {
        RgbImage image = Grey(0, 30, 100);
        Assert.Equal(segments, GraphSegmentation.Segment(image, ColourSpace.Intensity, 0, k, 1).Count);
    }

    [Fact]
    public void SmallSegments_JoinTheNeighbourAtTheLightestEdge()
    {
        // A lone pixel between two blocks, nearer to the right one in colour.
        RgbImage image = Grey(0, 0, 0, 0, 150, 255, 255, 255, 255);
        Assert.Equal([0, 0, 0, 0, 1, 2, 2, 2, 2], GraphSegmentation.Segment(image, ColourSpace.Intensity, 0, 10, 1).Segments.ToArray());
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 1], GraphSegmentation.Segment(image, ColourSpace.Intensity, 0, 10, 2).Segments.ToArray());
    }

    [Fact]
    public void DiagonalNeighbours_AreJoined()
    {
        RgbImage image = DrawnImage.Plain(2, 2, 0, 0, 0).With(0, 0, 0, 0, 255, 255, 255).With(1, 1, 1, 1, 255, 255, 255);
        Assert.Equal([0, 1, 1, 0], GraphSegmentation.Segment(image, ColourSpace.Rgb, 0, 1, 1).Segments.ToArray());
    }

    [Fact]
    public void Edges_AreSortedByWeightAndComplete()
    {
        ColourPlanes planes = ColourPlanes.Convert(DrawnImage.Busy(41, 23), ColourSpace.Lab);
        using SortedPixelEdges edges = GraphSegmentation.Edges(planes, 0.8);
        Assert.Equal(40 * 23 + 41 * 22 + 2 * 40 * 22, edges.Count);
        var seen = new HashSet<uint>();
        float last = 0;
        uint lastEdge = 0;
        foreach (ulong edge in edges.Sorted)
        {
            float weight = BitConverter.UInt32BitsToSingle((uint)(edge >> 32));
            Assert.True(weight > last || (weight == last && (uint)edge >= lastEdge));
            Assert.True(seen.Add((uint)edge));
            (last, lastEdge) = (weight, (uint)edge);
        }
    }

    [Fact]
    public void OnePixel_IsOneSegment() => Assert.Equal(1, GraphSegmentation.Segment(new RgbImage(1, 1), ColourSpace.Hsv, 0.8, 50, 50).Count);

    private static RgbImage Grey(params byte[] values) => new(values.Length, 1, [.. values.SelectMany(v => new[] { v, v, v })]);
}
