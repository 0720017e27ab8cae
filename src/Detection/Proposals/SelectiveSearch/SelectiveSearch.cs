namespace IlgpuSpp.Detection;

/// <summary>
/// Selective search (Uijlings, van de Sande, Gevers and Smeulders, "Selective search for object recognition", IJCV 2013): the boxes
/// of all regions of several hierarchical segmentations. Every region of every hierarchy gets the priority u·i, where i counts
/// from the whole image (1) downwards and u is uniform in [0, 1); windows come by rising priority, each once.
/// Thread-safe; the windows follow from pixels and options alone.
/// </summary>
public sealed class SelectiveSearch : IProposalMethod
{
    private const int Version = 1;
    private readonly SelectiveSearchOptions _options;

    /// <summary>Creates the method.</summary>
    /// <param name="options">The options; <see cref="SelectiveSearchOptions.Fast"/> where <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public SelectiveSearch(SelectiveSearchOptions? options = null)
    {
        _options = options ?? SelectiveSearchOptions.Fast;
        _options.Validate();
        Fingerprint = FormattableString.Invariant($"selective-search v{Version} {_options.Describe()}");
    }

    /// <inheritdoc/>
    public string Name => "selective search";

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "") => SearchedImage.Search(image, _options.LongestSide, small => Rank(Grow(small)));

    private RegionExtent[][] Grow(RgbImage image)
    {
        int spaces = _options.ColourSpaces.Length, scales = _options.Scales.Length, similarities = _options.Similarities.Length;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Threads == 0 ? Environment.ProcessorCount : _options.Threads };
        var edges = new SortedPixelEdges[spaces];
        var bins = new PixelBins[spaces];
        var regions = new RegionSet[spaces * scales];
        var hierarchies = new RegionExtent[spaces * scales * similarities][];
        Parallel.For(0, spaces, parallel, s =>
        {
            ColourPlanes planes = ColourPlanes.Convert(image, _options.ColourSpaces[s]);
            edges[s] = GraphSegmentation.Edges(planes, _options.Sigma);
            bins[s] = PixelBins.Create(planes);
        });
        Parallel.For(0, regions.Length, parallel, i =>
        {
            double k = _options.Scales[i % scales];
            SegmentMap map = GraphSegmentation.Segment(edges[i / scales], k, _options.SmallestSegment(k));
            regions[i] = RegionSet.Create(map, bins[i / scales]);
        });
        foreach (SortedPixelEdges sorted in edges) sorted.Dispose();
        Parallel.For(0, hierarchies.Length, parallel, i =>
            hierarchies[i] = RegionGrouping.Group(regions[i / similarities], _options.Similarities[i % similarities]));
        return hierarchies;
    }

    private List<RegionExtent> Rank(RegionExtent[][] hierarchies)
    {
        int total = hierarchies.Sum(h => h.Length), at = 0;
        var order = new (float Priority, int Index)[total];
        var boxes = new RegionExtent[total];
        for (int h = 0; h < hierarchies.Length; h++)
        {
            RegionExtent[] regions = hierarchies[h];
            var key = new RandomKey(_options.Seed, (uint)h, 0);
            for (int i = 1; i <= regions.Length; i++, at++)
            {
                boxes[at] = regions[^i];
                order[at] = (Philox.ToUniform(Philox.Word(key, i)) * i, at);
            }
        }
        Array.Sort(order);
        var taken = new HashSet<RegionExtent>();
        var ranked = new List<RegionExtent>();
        foreach ((_, int index) in order)
        {
            RegionExtent box = boxes[index];
            if (box.Width < _options.MinimumSide || box.Height < _options.MinimumSide || !taken.Add(box)) continue;
            ranked.Add(box);
            if (ranked.Count == _options.MaximumProposals) break;
        }
        return ranked;
    }
}
