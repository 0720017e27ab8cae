using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>
/// Features of windows as in the paper's section 4.1: the convolutions run once on the whole image at every scale; each window is pooled from the map
/// of the scale that suits it, or from all of them. Not for several threads at a time.
/// </summary>
internal sealed class PooledWindowFeatures : IWindowFeatures
{
    // The release shrinks windows by 6.5 pixels at a stride of 16.
    private const double ReleaseShrink = 6.5 / 16;

    private readonly InputPreparation _preparation;
    private readonly Backend _backend;
    private readonly WindowMapping _mapping;
    private readonly int[] _scales;
    private readonly FeatureMapCache? _cache;
    private float[] _input = [];

    /// <summary>Prepares a network.</summary>
    /// <param name="model">The network, a chain with a pyramid inside.</param>
    /// <param name="preparation">How images are normalised for it.</param>
    /// <param name="options">Scales and mapping.</param>
    /// <param name="cache">Keeps maps on the disk; null for none.</param>
    /// <exception cref="NotSupportedException">Windows cannot be pooled from the network's maps.</exception>
    public PooledWindowFeatures(Model model, InputPreparation preparation, WindowFeatureOptions options, FeatureMapCache? cache = null)
    {
        options.Validate();
        Options = options;
        Split = new SplitNetwork(model.Network);
        _preparation = preparation;
        _backend = model.Backend;
        _mapping = new WindowMapping(Split.Field, options.Rule, ReleaseShrink * Split.Field.Stride);
        _scales = [.. options.Scales];
        _cache = cache;
        int side = Math.Max(Split.Field.Size, 2 * Split.Field.Stride);
        Length = Split.Features(Split.MapShape(new Shape(1, side, side, 3)));
    }

    /// <inheritdoc/>
    public SplitNetwork Split { get; }

    /// <summary>Scales and mapping.</summary>
    public WindowFeatureOptions Options { get; }

    /// <inheritdoc/>
    public int Length { get; }

    /// <inheritdoc/>
    /// <remarks>Makes the maps of the image at all scales, or takes them from the cache.</remarks>
    /// <exception cref="DataFormatException">The image's sides differ too much.</exception>
    /// <exception cref="InputTooSmallException">The smallest scale is too small for the network.</exception>
    public IImageWindows Open(RgbImage image)
    {
        var maps = new List<Tensor>();
        try
        {
            if (_cache?.Read(image) is { } stored)
            {
                foreach ((Shape shape, float[] values) in stored)
                {
                    maps.Add(_backend.Allocate(shape));
                    maps[^1].Upload(values);
                }
            }
            else
            {
                foreach (int scale in _scales) maps.Add(Map(image, scale));
                _cache?.Write(image, [.. maps.Select(map => (map.Shape, map.ToArray()))]);
            }
            var windows = new MappedWindows(this, image.Width, image.Height, maps);
            return Options.Combination == ScaleCombination.Max ? new StrongestWindows(windows, Length) : windows;
        }
        catch
        {
            foreach (Tensor map in maps) map.Dispose();
            throw;
        }
    }

    /// <summary>The scale at which each window is pooled.</summary>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    /// <param name="boxes">Windows in pixels of the image.</param>
    /// <returns>Positions in <see cref="WindowFeatureOptions.Scales"/>.</returns>
    public int[] BestScales(int width, int height, IReadOnlyList<PixelBox> boxes)
    {
        int minSide = Math.Min(width, height);
        return [.. boxes.Select(box => Options.ScaleOf(box, minSide))];
    }

    // Rows (image 0, top, left, bottom, right) of windows at one scale; the caller disposes them.
    internal Tensor<int> MapWindows(Shape map, IReadOnlyList<PixelBox> boxes, int start, int count, int minSide, int scale)
    {
        var rows = new int[5 * count];
        for (int i = 0; i < count; i++)
        {
            MapWindow window = Responses(map, boxes[start + i], minSide, scale);
            (rows[5 * i + 1], rows[5 * i + 2], rows[5 * i + 3], rows[5 * i + 4]) = (window.Top, window.Left, window.Bottom, window.Right);
        }
        Tensor<int> windows = _backend.Allocate<int>(new Shape(count, 5));
        try
        {
            windows.Upload(rows);
            return windows;
        }
        catch
        {
            windows.Dispose();
            throw;
        }
    }

    private MapWindow Responses(Shape map, PixelBox box, int minSide, int scale) => _mapping.Map(box.Resized(minSide, scale), map.Height, map.Width);

    // Of selective search's windows at 688 pixels a sixth lie on the same responses as another at a stride of 16 pixels, a third at 32.
    private int[] FirstAlike(int width, int height, IReadOnlyList<Tensor> maps, IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf)
    {
        int minSide = Math.Min(width, height);
        var firsts = new Dictionary<(int Scale, MapWindow Window), int>();
        var result = new int[boxes.Count];
        for (int i = 0; i < result.Length; i++)
        {
            (int, MapWindow) seen = (scaleOf[i], Responses(maps[scaleOf[i]].Shape, boxes[i], minSide, _scales[scaleOf[i]]));
            result[i] = firsts.TryGetValue(seen, out int first) ? first : firsts[seen] = i;
        }
        return result;
    }

    private Tensor Map(RgbImage image, int scale)
    {
        using NetworkPass pass = PlanStem(image, scale, mirrored: false, PassMode.Inference);
        pass.Forward();
        Tensor map = _backend.Allocate(pass.Output.Shape);
        try
        {
            _backend.Copy(pass.Output, map);
            _backend.Synchronize();
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    // A pass through the stem with an image at one scale as its input; the caller disposes it.
    internal NetworkPass PlanStem(RgbImage image, int scale, bool mirrored, PassMode mode, bool recompute = false)
    {
        RgbImage resized = (_preparation with { MinSide = scale, CropSize = Math.Min(scale, _preparation.CropSize) }).ResizeMinSide(image);
        var input = new Shape(1, resized.Height, resized.Width, 3);
        if (_input.Length < input.Count) _input = new float[input.Count];
        Span<float> values = _input.AsSpan(0, (int)input.Count);
        _preparation.WriteFull(resized, mirrored, values);
        NetworkPass pass = Split.PlanStem(input, mode, recompute);
        try
        {
            pass.Input.Upload(values);
            return pass;
        }
        catch
        {
            pass.Dispose();
            throw;
        }
    }

    private sealed class MappedWindows(PooledWindowFeatures features, int width, int height, List<Tensor> maps) : IImageWindows
    {
        public int Width => width;

        public int Height => height;

        public int Scales => maps.Count;

        public int[] BestScales(IReadOnlyList<PixelBox> boxes) => features.BestScales(width, height, boxes);

        public int[] FirstAlike(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf) => features.FirstAlike(width, height, maps, boxes, scaleOf);

        public void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows)
        {
            // One call for each run of windows of one scale; callers that sort windows by scale make few calls.
            for (int start = 0, end; start < boxes.Count; start = end)
            {
                int scale = scaleOf[start];
                end = start + 1;
                while (end < boxes.Count && scaleOf[end] == scale) end++;
                using Tensor<int> windows = features.MapWindows(maps[scale].Shape, boxes, start, end - start, Math.Min(width, height), features._scales[scale]);
                features.Split.PoolWindows(maps[scale], windows, rows.View(new Shape(end - start, features.Length), (long)start * features.Length));
            }
        }

        public void Dispose()
        {
            foreach (Tensor map in maps) map.Dispose();
        }
    }
}
