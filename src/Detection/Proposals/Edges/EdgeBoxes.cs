namespace IlgpuSpp.Detection;

/// <summary>
/// Windows scored by the contours they enclose, after Zitnick and Dollár, "Edge boxes: locating object proposals from edges" (ECCV 2014).
/// The edges are thinned colour gradients, not those of structured forests: nothing has to be trained, and recall is below the
/// publication's. A sliding search over position, scale and aspect ratio is followed by refinement of the best windows and
/// non-maximum suppression. One thread an image; thread-safe; the windows follow from pixels and options alone.
/// </summary>
public sealed class EdgeBoxes : IProposalMethod
{
    private const int Version = 1;
    private readonly EdgeBoxesOptions _options;

    /// <summary>Creates the method.</summary>
    /// <param name="options">The options; the defaults where <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public EdgeBoxes(EdgeBoxesOptions? options = null)
    {
        _options = options ?? new EdgeBoxesOptions();
        _options.Validate();
        Fingerprint = FormattableString.Invariant($"edge-boxes v{Version} {_options.Describe()}");
    }

    /// <inheritdoc/>
    public string Name => "edge boxes";

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "") => SearchedImage.Search(image, _options.LongestSide, Search);

    private List<RegionExtent> Search(RgbImage image)
    {
        EdgeMap edges = EdgeMap.Create(image, _options.Sigma, _options.EdgeThreshold);
        var scorer = new EdgeBoxScorer(edges, EdgeGroups.Create(edges, _options.AffinityExponent), _options.PerimeterExponent);
        List<ScoredWindow> windows = Slide(scorer, edges.Width, edges.Height);
        windows.Sort();
        int refined = (int)Math.Min(windows.Count, _options.Refined * _options.MaximumProposals);
        for (int i = 0; i < refined; i++) windows[i] = Refine(scorer, windows[i], edges.Width, edges.Height);
        windows.Sort();
        return Suppress(windows);
    }

    // One step of the search leaves an overlap of alpha: in position a shift of side·(1 − α)/(1 + α), in scale an area factor of 1/α, in
    // aspect ratio a factor of ((1 + α)/2α)².
    private List<ScoredWindow> Slide(EdgeBoxScorer scorer, int width, int height)
    {
        var windows = new List<ScoredWindow>();
        double alpha = _options.Step, aspectStep = Math.Pow((1 + alpha) / (2 * alpha), 2);
        int aspects = (int)(Math.Log(_options.MaximumAspect) / Math.Log(aspectStep) + 1e-9);
        for (double area = _options.MinimumArea; area <= (double)width * height; area /= alpha)
        {
            for (int a = -aspects; a <= aspects; a++)
            {
                double root = Math.Pow(aspectStep, a / 2.0), side = Math.Sqrt(area);
                int w = (int)Math.Round(side * root), h = (int)Math.Round(side / root);
                if (w < 1 || h < 1 || w > width || h > height) continue;
                int stepX = Math.Max(1, (int)Math.Round(w * (1 - alpha) / (1 + alpha))), stepY = Math.Max(1, (int)Math.Round(h * (1 - alpha) / (1 + alpha)));
                foreach (int top in Positions(height - h, stepY))
                {
                    foreach (int left in Positions(width - w, stepX)) Add(scorer, windows, new RegionExtent(left, top, left + w - 1, top + h - 1));
                }
            }
        }
        Add(scorer, windows, new RegionExtent(0, 0, width - 1, height - 1));
        return windows;
    }

    // Evenly spread from 0 to the last place, at most a step apart.
    private static IEnumerable<int> Positions(int last, int step)
    {
        int count = (last + step - 1) / step;
        for (int i = 0; i <= count; i++) yield return count == 0 ? 0 : (int)((long)last * i / count);
    }

    private void Add(EdgeBoxScorer scorer, List<ScoredWindow> windows, RegionExtent box)
    {
        float score = scorer.Score(box, (float)_options.MinimumScore);
        if (score > 0) windows.Add(new ScoredWindow(box, score));
    }

    // Moves one side or a pair of sides at a time to the best score, by steps halved until they are below two pixels.
    private ScoredWindow Refine(EdgeBoxScorer scorer, ScoredWindow start, int width, int height)
    {
        double share = (1 - _options.Step) / (1 + _options.Step);
        ScoredWindow best = start;
        double stepX = start.Box.Width * share / 2, stepY = start.Box.Height * share / 2;
        for (; stepX >= 2 || stepY >= 2; stepX /= 2, stepY /= 2)
        {
            int x = Math.Max(1, (int)stepX), y = Math.Max(1, (int)stepY);
            best = Better(scorer, best, -x, x, 0, width, true);
            best = Better(scorer, best, -y, y, 0, height, false);
        }
        return best;
    }

    private ScoredWindow Better(EdgeBoxScorer scorer, ScoredWindow best, int back, int forth, int stay, int length, bool horizontal)
    {
        ReadOnlySpan<(int Low, int High)> moves = [(back, stay), (forth, stay), (stay, back), (stay, forth), (back, back), (forth, forth), (back, forth), (forth, back)];
        RegionExtent start = best.Box;
        foreach ((int low, int high) in moves)
        {
            RegionExtent box = horizontal ? start with { Left = start.Left + low, Right = start.Right + high } : start with { Top = start.Top + low, Bottom = start.Bottom + high };
            (int first, int last) = horizontal ? (box.Left, box.Right) : (box.Top, box.Bottom);
            if (first < 0 || last >= length || last <= first || box.Area < _options.MinimumArea) continue;
            if (Math.Max(box.Width, box.Height) > _options.MaximumAspect * Math.Min(box.Width, box.Height)) continue;
            float score = scorer.Score(box, best.Score);
            if (score > best.Score) best = new ScoredWindow(box, score);
        }
        return best;
    }

    // Windows can only overlap by beta where their areas differ by less than a factor of 1/beta: kept ones lie in bins of that width.
    private List<RegionExtent> Suppress(List<ScoredWindow> windows)
    {
        var kept = new List<RegionExtent>();
        double beta = _options.Suppression, binWidth = Math.Max(Math.Log(1 / beta), 0.05);
        var bins = new Dictionary<int, List<RegionExtent>>();
        foreach (ScoredWindow window in windows)
        {
            RegionExtent box = window.Box;
            int bin = (int)(Math.Log(box.Area) / binWidth);
            if (Covered(bins, bin - 1, box, beta) || Covered(bins, bin, box, beta) || Covered(bins, bin + 1, box, beta)) continue;
            if (!bins.TryGetValue(bin, out List<RegionExtent>? list)) bins.Add(bin, list = []);
            list.Add(box);
            kept.Add(box);
            if (kept.Count == _options.MaximumProposals) break;
        }
        return kept;
    }

    private static bool Covered(Dictionary<int, List<RegionExtent>> bins, int bin, RegionExtent box, double beta)
    {
        if (!bins.TryGetValue(bin, out List<RegionExtent>? list)) return false;
        foreach (RegionExtent other in list)
        {
            long width = Math.Min(box.Right, other.Right) - Math.Max(box.Left, other.Left) + 1, height = Math.Min(box.Bottom, other.Bottom) - Math.Max(box.Top, other.Top) + 1;
            if (width <= 0 || height <= 0) continue;
            long shared = width * height;
            if (box == other || shared > beta * (box.Area + other.Area - shared)) return true;
        }
        return false;
    }

    /// <summary>Sorts by falling score, then by place.</summary>
    private readonly record struct ScoredWindow(RegionExtent Box, float Score) : IComparable<ScoredWindow>
    {
        public int CompareTo(ScoredWindow other)
        {
            int order = other.Score.CompareTo(Score);
            return order != 0 ? order : (Box.Left, Box.Top, Box.Right, Box.Bottom).CompareTo((other.Box.Left, other.Box.Top, other.Box.Right, other.Box.Bottom));
        }
    }
}
