namespace IlgpuSpp.Inference;

/// <summary>Where in an image the evidence lies, on the places of a network's last map.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Values"><c>[height, width]</c>, from 0 (none) to 1 (the most in this image).</param>
/// <param name="Region">What the map covers of the image, from edge to edge in pixels; may reach over the image's borders.</param>
/// <param name="OfClass">Whether it is the evidence for one class, or for all that the network looks at.</param>
internal sealed record EvidenceMap(int Height, int Width, float[] Values, PixelBox Region, bool OfClass);

/// <summary>
/// Makes <see cref="EvidenceMap"/>s. Behind an average over the whole map and one fully connected layer they are exact: the class's score is the mean of the class activation
/// map (Zhou et al., "Learning Deep Features for Discriminative Localization", equation 2). Behind pyramids and hidden layers it is the sum of the responses over the channels,
/// which says where the network looks rather than why. Thread-safe.
/// </summary>
internal sealed class EvidenceMaps : IDisposable
{
    private const int MostPasses = 2;

    private readonly string _layer;
    private readonly ReceptiveField _field;
    private readonly PassCache<ActivationPass> _passes;
    private readonly float[]? _weights;

    /// <summary>Finds the last map.</summary>
    /// <param name="model">The model; not disposed.</param>
    /// <exception cref="NotSupportedException">The network is no chain of layers with maps, or its responses have no one stride.</exception>
    public EvidenceMaps(TrainedModel model)
    {
        IReadOnlyList<Layer> chain = model.Model.Network.Root.Children;
        var shape = new Shape(1, model.InputSize, model.InputSize, 3);
        int last = -1;
        for (int i = 0; i < chain.Count; i++)
        {
            shape = chain[i].OutputShape(shape);
            if (shape.Rank != 4) break;
            // A pool in front of fully connected layers only makes the map coarser.
            if (chain[i] is not MaxPool2d || i + 1 < chain.Count && chain[i + 1].OutputShape(shape).Rank == 4) last = i;
        }
        if (last < 0) throw new NotSupportedException($"{model.Model.Description.Name} has no maps that could show where the evidence lies.");
        _layer = chain[last].Name;
        _field = ReceptiveField.Of(chain.Take(last + 1));
        if (chain.Skip(last + 1).Where(layer => layer is not Dropout).ToArray() is [GlobalAveragePool, Linear head]) _weights = head.Weight.Value.ToArray();
        _passes = new PassCache<ActivationPass>(model.Model.Backend, input => new ActivationPass(model.Model.Network, input, [_layer]), pass => pass.Bytes, MostPasses);
    }

    /// <summary>The map of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="label">Number of the class.</param>
    /// <param name="write">Writes the image as network input.</param>
    public EvidenceMap Of(PreparedImage image, int label, Action<float[]> write)
    {
        var input = new Shape(1, image.Height, image.Width, 3);
        ActivationPass pass = _passes.Rent(input);
        try
        {
            var host = new float[input.Count];
            write(host);
            pass.Input.Upload(host);
            pass.Forward();
            Tensor map = pass[_layer];
            return Scaled(map.ToArray(), map.Shape, image, label);
        }
        finally
        {
            _passes.Return(input, pass);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _passes.Dispose();

    private EvidenceMap Scaled(float[] map, Shape shape, PreparedImage image, int label)
    {
        int channels = shape.Channels;
        var values = new float[shape.Height * shape.Width];
        for (int i = 0; i < map.Length; i++)
            values[i / channels] += _weights is null ? Math.Max(0, map[i]) : map[i] * _weights[label * channels + i % channels];
        // What speaks against the class is no evidence for it.
        float most = Math.Max(0, values.Max());
        for (int i = 0; i < values.Length; i++) values[i] = most > 0 ? Math.Max(0, values[i]) / most : 0;
        double x = (image.Seen.Right - image.Seen.Left) / image.Width, y = (image.Seen.Bottom - image.Seen.Top) / image.Height, first = _field.Centre + 0.5 - _field.Stride / 2.0;
        var region = new PixelBox(
            image.Seen.Left + first * x, image.Seen.Top + first * y,
            image.Seen.Left + (first + _field.Stride * shape.Width) * x, image.Seen.Top + (first + _field.Stride * shape.Height) * y);
        return new EvidenceMap(shape.Height, shape.Width, values, region, _weights is not null);
    }
}
