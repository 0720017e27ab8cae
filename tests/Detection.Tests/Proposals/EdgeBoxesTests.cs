namespace IlgpuSpp.Detection.Tests;

public sealed class EdgeBoxesTests
{
    [Fact]
    public void EdgeMap_FindsTheOutlineOfARectangle_OnePixelThin()
    {
        RgbImage image = DrawnImage.Plain(80, 60, 40, 40, 40).With(20, 15, 59, 44, 220, 220, 220);
        EdgeMap edges = EdgeMap.Create(image, 1.5, 0.1);
        // The left side lies between columns 19 and 20, the top between rows 14 and 15: one of the two pixels is the edge.
        for (int y = 22; y < 38; y++)
        {
            Assert.Single(Enumerable.Range(10, 20), x => edges.Strength[y * 80 + x] > 0);
            int at = y * 80 + (edges.Strength[y * 80 + 19] > 0 ? 19 : 20);
            Assert.True(edges.Strength[at] > 0.5);
            Assert.Equal(Math.PI / 2, edges.Orientation[at], 0.01);
        }
        for (int x = 27; x < 53; x++)
        {
            int at = (edges.Strength[14 * 80 + x] > 0 ? 14 : 15) * 80 + x;
            Assert.True(edges.Strength[at] > 0.5);
            Assert.Equal(0, EdgeGroups.Between(edges.Orientation[at], 0), 0.01);
        }
        Assert.Equal(0, edges.Strength[5 * 80 + 5]);
        Assert.Equal(0, edges.Strength[30 * 80 + 40]);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.1, 3.1, 0.1415927)]
    [InlineData(0, 1.5707963, 1.5707963)]
    [InlineData(3, 1, 1.1415927)]
    public void Orientations_AreUndirected(float a, float b, double between) => Assert.Equal(between, EdgeGroups.Between(a, b), 1e-5);

    [Fact]
    public void PlainImage_HasNoWindows() => Assert.Empty(new EdgeBoxes().Propose(DrawnImage.Plain(100, 80, 9, 9, 9)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 50)]
    public void TinyImages_AreSearched(int width, int height) => Assert.Empty(new EdgeBoxes().Propose(new RgbImage(width, height)));

    // The scorer against the definition: every group's weight by trying all paths, sums over all groups and pixels, no integral images.
    [Fact]
    public void Score_EqualsTheDefinition()
    {
        EdgeMap edges = EdgeMap.Create(DrawnImage.Busy(120, 90), 1.5, 0.1);
        EdgeGroups groups = EdgeGroups.Create(edges, 2);
        var scorer = new EdgeBoxScorer(edges, groups, 1.5);
        int scored = 0;
        for (int left = 0; left < 70; left += 9)
        {
            for (int top = 0; top < 50; top += 7)
            {
                for (int side = 20; side < 50; side += 13)
                {
                    var box = new RegionExtent(left, top, Math.Min(119, left + side), Math.Min(89, top + side + 5));
                    double expected = Definition(edges, groups, box, 1.5);
                    Assert.Equal(expected, scorer.Score(box, 0), 1e-5);
                    float given = scorer.Score(box, 0);
                    Assert.Equal(given, scorer.Score(box, given * 0.99f));
                    Assert.Equal(0, scorer.Score(box, given * 1.01f + 1e-6f));
                    if (expected > 0) scored++;
                }
            }
        }
        Assert.True(scored > 20, $"Only {scored} windows have a score.");
    }

    [Fact]
    public void Groups_AddUpTheirPixelsAndAreNeighboursBothWays()
    {
        EdgeMap edges = EdgeMap.Create(DrawnImage.Busy(120, 90), 1.5, 0.1);
        EdgeGroups groups = EdgeGroups.Create(edges, 2);
        var pixels = new int[groups.Count];
        var magnitude = new double[groups.Count];
        for (int i = 0; i < groups.Map.Length; i++)
        {
            if (groups.Map[i] == EdgeGroups.None) continue;
            Assert.True(edges.Strength[i] > 0);
            pixels[groups.Map[i]]++;
            magnitude[groups.Map[i]] += edges.Strength[i];
        }
        Assert.All(pixels, count => Assert.True(count > 0));
        for (int g = 0; g < groups.Count; g++)
        {
            Assert.Equal(magnitude[g], groups.Magnitude[g], 1e-3);
            foreach ((int other, float affinity) in groups.Neighbours[g])
            {
                Assert.InRange(affinity, 0.05f, 1f);
                Assert.Contains((g, affinity), groups.Neighbours[other]);
            }
        }
    }

    [Fact]
    public void PlantedRectangles_ScoreBest()
    {
        PixelBox[] planted = [new(30, 25, 89, 74), new(130, 40, 199, 129)];
        RgbImage image = DrawnImage.Plain(240, 170, 60, 60, 60).With(30, 25, 89, 74, 220, 60, 60).With(130, 40, 199, 129, 60, 200, 80).WithNoise(3);
        IReadOnlyList<PixelBox> boxes = new EdgeBoxes().Propose(image);
        foreach (PixelBox truth in planted) Assert.Contains(boxes.Take(100), box => BoxOverlap.IntersectionOverUnion(box, truth) > 0.7);
    }

    [Fact]
    public void Windows_AreDifferentInsideTheImageAndApart()
    {
        RgbImage image = DrawnImage.Busy(200, 150);
        var options = new EdgeBoxesOptions { MaximumProposals = 300 };
        IReadOnlyList<PixelBox> boxes = new EdgeBoxes(options).Propose(image);
        Assert.InRange(boxes.Count, 50, 300);
        Assert.Equal(boxes, new EdgeBoxes(options).Propose(image));
        for (int i = 0; i < boxes.Count; i++)
        {
            Assert.InRange(boxes[i].Left, 0, boxes[i].Right);
            Assert.InRange(boxes[i].Top, 0, boxes[i].Bottom);
            Assert.True(boxes[i].Right < 200 && boxes[i].Bottom < 150);
            for (int j = 0; j < i; j++) Assert.True(BoxOverlap.IntersectionOverUnion(boxes[i], boxes[j]) <= 0.75 + 1e-12);
        }
    }

    [Fact]
    public void LargeImages_AreSearchedSmaller()
    {
        RgbImage image = DrawnImage.Plain(1200, 800, 60, 60, 60).With(400, 200, 799, 599, 200, 40, 40);
        Assert.Contains(new EdgeBoxes().Propose(image), box => BoxOverlap.IntersectionOverUnion(box, new PixelBox(400, 200, 799, 599)) > 0.7);
    }

    [Fact]
    public void BadOptions_AreNamed()
    {
        Assert.Equal("Step", Assert.Throws<OptionsException>(() => new EdgeBoxes(new() { Step = 1 })).Option);
        Assert.Equal("Sigma", Assert.Throws<OptionsException>(() => new EdgeBoxes(new() { Sigma = double.NaN })).Option);
        Assert.Equal("MaximumProposals", Assert.Throws<OptionsException>(() => new EdgeBoxes(new() { MaximumProposals = 0 })).Option);
    }

    private static double Definition(EdgeMap edges, EdgeGroups groups, RegionExtent box, double kappa)
    {
        int width = edges.Width;
        var joined = new double[groups.Count];
        for (int y = 0; y < edges.Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bool on = ((y == box.Top || y == box.Bottom) && x >= box.Left && x <= box.Right) || ((x == box.Left || x == box.Right) && y >= box.Top && y <= box.Bottom);
                if (on && groups.Map[y * width + x] != EdgeGroups.None) joined[groups.Map[y * width + x]] = 1;
            }
        }
        bool Inside(int g) => groups.X[g] >= box.Left && groups.X[g] <= box.Right && groups.Y[g] >= box.Top && groups.Y[g] <= box.Bottom;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int g = 0; g < groups.Count; g++)
            {
                foreach ((int to, float affinity) in groups.Neighbours[g])
                {
                    double path = joined[g] * affinity;
                    if (path < 0.05 || path <= joined[to] * (1 + 1e-9) || !Inside(to)) continue;
                    joined[to] = path;
                    changed = true;
                }
            }
        }
        double sum = 0;
        for (int g = 0; g < groups.Count; g++)
        {
            if (Inside(g)) sum += (1 - joined[g]) * groups.Magnitude[g];
        }
        for (int y = box.Top + box.Height / 4; y <= box.Bottom - box.Height / 4; y++)
        {
            for (int x = box.Left + box.Width / 4; x <= box.Right - box.Width / 4; x++)
            {
                if (groups.Map[y * width + x] != EdgeGroups.None) sum -= edges.Strength[y * width + x];
            }
        }
        return Math.Max(0, sum) / (2 * Math.Pow(box.Width + box.Height, kappa));
    }
}
