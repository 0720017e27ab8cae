namespace IlgpuSpp.Detection;

/// <summary>
/// Scores windows by the contours that lie wholly inside (Zitnick and Dollár, ECCV 2014, section 3.2): the strength of all groups in the
/// window, less that of groups on or joined to its border, less the edges of its inner quarter, over the perimeter. Sums over rectangles are
/// read from integral images; only the groups near the border are visited. Not thread-safe.
/// </summary>
internal sealed class EdgeBoxScorer
{
    private readonly EdgeGroups _groups;
    private readonly int _width, _height;
    private readonly double[] _groupSums, _pixelSums;
    private readonly BorderRuns _rows, _columns;
    private readonly float[] _perimeter;
    private readonly float[] _joined;
    private readonly int[] _stamp;
    private readonly List<int> _reached = [];
    private readonly List<int> _queue = [];
    private int _window;

    public EdgeBoxScorer(EdgeMap edges, EdgeGroups groups, double perimeterExponent)
    {
        _groups = groups;
        _width = edges.Width;
        _height = edges.Height;
        var magnitudes = new float[_width * _height];
        for (int g = 0; g < groups.Count; g++) magnitudes[groups.Y[g] * _width + groups.X[g]] += groups.Magnitude[g];
        var kept = new float[_width * _height];
        for (int i = 0; i < kept.Length; i++) kept[i] = groups.Map[i] == EdgeGroups.None ? 0 : edges.Strength[i];
        _groupSums = Integral(magnitudes, _width, _height);
        _pixelSums = Integral(kept, _width, _height);
        _rows = new BorderRuns(groups.Map, _height, _width, _width, 1);
        _columns = new BorderRuns(groups.Map, _width, _height, 1, _width);
        _perimeter = new float[_width + _height + 1];
        for (int i = 1; i < _perimeter.Length; i++) _perimeter[i] = (float)(1 / (2 * Math.Pow(i, perimeterExponent)));
        _joined = new float[groups.Count];
        _stamp = new int[groups.Count];
    }

    /// <summary>A window's score, or 0 where it is below a bound.</summary>
    /// <param name="box">The window, inside the image.</param>
    /// <param name="bound">Windows that cannot reach it are given up early.</param>
    public float Score(RegionExtent box, float bound)
    {
        float scale = _perimeter[box.Width + box.Height];
        double sum = Sum(_groupSums, box.Left, box.Top, box.Right, box.Bottom);
        if (sum * scale < bound) return 0;
        int marginX = box.Width / 4, marginY = box.Height / 4;
        sum -= Sum(_pixelSums, box.Left + marginX, box.Top + marginY, box.Right - marginX, box.Bottom - marginY);
        if (sum <= 0 || sum * scale < bound) return 0;
        sum -= JoinedToBorder(box);
        float score = (float)sum * scale;
        return sum <= 0 || score < bound ? 0 : score;
    }

    // The strength of a group counts by 1 − the best product of affinities along a path from the border: here the part taken off.
    private double JoinedToBorder(RegionExtent box)
    {
        _window++;
        _reached.Clear();
        _queue.Clear();
        Cross(_rows, box.Top, box.Left, box.Right);
        Cross(_rows, box.Bottom, box.Left, box.Right);
        Cross(_columns, box.Left, box.Top, box.Bottom);
        Cross(_columns, box.Right, box.Top, box.Bottom);
        for (int i = 0; i < _queue.Count; i++)
        {
            int from = _queue[i];
            float path = _joined[from];
            foreach ((int to, float affinity) in _groups.Neighbours[from])
            {
                float joined = path * affinity;
                if (joined < 0.05f || !Inside(box, to)) continue;
                if (_stamp[to] != _window)
                {
                    Reach(to, joined);
                }
                else if (_joined[to] < joined)
                {
                    // A stronger path came later: what lies behind is reached by it again.
                    _joined[to] = joined;
                    _queue.Add(to);
                }
            }
        }
        double sum = 0;
        foreach (int group in _reached)
        {
            if (Inside(box, group)) sum += (double)_joined[group] * _groups.Magnitude[group];
        }
        return sum;
    }

    private void Reach(int group, float joined)
    {
        _stamp[group] = _window;
        _joined[group] = joined;
        _reached.Add(group);
        _queue.Add(group);
    }

    private void Cross(BorderRuns runs, int line, int from, int to)
    {
        int first = runs.At(line, from);
        if (first != EdgeGroups.None && _stamp[first] != _window) Reach(first, 1);
        foreach (int group in runs.After(line, from, to))
        {
            if (_stamp[group] != _window) Reach(group, 1);
        }
    }

    private bool Inside(RegionExtent box, int group)
    {
        int x = _groups.X[group], y = _groups.Y[group];
        return x >= box.Left && x <= box.Right && y >= box.Top && y <= box.Bottom;
    }

    private double Sum(double[] integral, int left, int top, int right, int bottom)
    {
        int stride = _width + 1;
        return integral[(bottom + 1) * stride + right + 1] - integral[top * stride + right + 1] - integral[(bottom + 1) * stride + left] + integral[top * stride + left];
    }

    private static double[] Integral(float[] values, int width, int height)
    {
        int stride = width + 1;
        var integral = new double[stride * (height + 1)];
        for (int y = 0; y < height; y++)
        {
            double row = 0;
            for (int x = 0; x < width; x++)
            {
                row += values[y * width + x];
                integral[(y + 1) * stride + x + 1] = integral[y * stride + x + 1] + row;
            }
        }
        return integral;
    }

    /// <summary>The groups along every row (or column) as runs, so that those on a stretch are listed without visiting its pixels.</summary>
    private sealed class BorderRuns
    {
        private readonly int[] _map, _groups, _before;
        private readonly int _length, _lineStep, _pixelStep;

        public BorderRuns(int[] map, int lines, int length, int lineStep, int pixelStep)
        {
            (_map, _length, _lineStep, _pixelStep) = (map, length, lineStep, pixelStep);
            var groups = new List<int>();
            _before = new int[lines * (length + 1)];
            for (int line = 0; line < lines; line++)
            {
                int last = EdgeGroups.None;
                for (int p = 0; p < length; p++)
                {
                    _before[line * (length + 1) + p] = groups.Count;
                    int group = map[line * lineStep + p * pixelStep];
                    if (group != EdgeGroups.None && group != last) groups.Add(group);
                    last = group;
                }
                _before[line * (length + 1) + length] = groups.Count;
            }
            _groups = [.. groups];
        }

        /// <summary>The group of one pixel.</summary>
        public int At(int line, int pixel) => _map[line * _lineStep + pixel * _pixelStep];

        /// <summary>Groups whose runs begin behind the first pixel and not behind the last.</summary>
        public ReadOnlySpan<int> After(int line, int from, int to) =>
            _groups.AsSpan(_before[line * (_length + 1) + from + 1].._before[line * (_length + 1) + to + 1]);
    }
}
