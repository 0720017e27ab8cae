namespace IlgpuSpp.Training;

/// <summary>Features of windows in host memory, those on objects apart from the background.</summary>
internal sealed class WindowSamples(int length)
{
    private readonly List<(ReadOnlyMemory<float> Features, int Label)> _foreground = [];
    private readonly List<ReadOnlyMemory<float>> _background = [];

    public int Foreground => _foreground.Count;

    public int Background => _background.Count;

    public long Bytes => (long)(_foreground.Count + _background.Count) * length * sizeof(float);

    /// <summary>Draws windows of an image, computes and keeps their features. Labels are classes plus one; 0 is the background.</summary>
    public void Add(IImageWindows features, Backend backend, AnnotatedImage image, IReadOnlyList<TrainingWindow> windows, FineTuningOptions options, TrainingScale scale, RandomStream random)
    {
        var chosen = new List<(PixelBox Box, int Label)>();
        foreach (TrainingWindow window in Draw(windows, w => w.Overlap >= options.ForegroundOverlap, options.ForegroundPerImage, random))
            chosen.Add((window.Box, image.Objects[window.Object].Label + 1));
        foreach (TrainingWindow window in Draw(windows, w => w.Overlap >= options.BackgroundOverlap && w.Overlap < options.ForegroundOverlap, options.BackgroundPerImage, random))
            chosen.Add((window.Box, 0));
        if (chosen.Count == 0) return;
        int[] scaleOf = scale == TrainingScale.Best
            ? features.BestScales([.. chosen.Select(item => item.Box)])
            : [.. chosen.Select(_ => random.NextInt(features.Scales))];
        OrderedWindows ordered = features.Order([.. chosen.Select(item => item.Box)], scaleOf);
        using Tensor rows = backend.Allocate(new Shape(ordered.Rows, length));
        ordered.Compute(features, 0, ordered.Rows, rows);
        // One transfer an image: each waits for all work queued on the device.
        float[] read = rows.ToArray();
        for (int i = 0; i < chosen.Count; i++)
        {
            ReadOnlyMemory<float> values = read.AsMemory(ordered.RowOf[i] * length, length);
            int label = chosen[ordered.Positions[i]].Label;
            if (label == 0) _background.Add(values);
            else _foreground.Add((values, label));
        }
    }

    /// <summary>Fills a minibatch: windows on objects first, then background; drawn evenly, with repetition.</summary>
    public void Fill(Span<float> rows, Span<int> labels, int foreground, RandomStream random)
    {
        if (_foreground.Count == 0) foreground = 0;
        if (_background.Count == 0) foreground = labels.Length;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlyMemory<float> values;
            if (i < foreground) (values, labels[i]) = _foreground[random.NextInt(_foreground.Count)];
            else (values, labels[i]) = (_background[random.NextInt(_background.Count)], 0);
            values.Span.CopyTo(rows[(i * length)..]);
        }
    }

    private static List<TrainingWindow> Draw(IReadOnlyList<TrainingWindow> windows, Func<TrainingWindow, bool> wanted, int most, RandomStream random)
    {
        TrainingWindow[] candidates = [.. windows.Where(wanted)];
        random.Shuffle<TrainingWindow>(candidates);
        return [.. candidates.Take(most)];
    }
}
