using System.Collections.Immutable;

namespace IlgpuSpp.Models;

/// <summary>
/// What is put behind the features of a trained network in place of its own end: a pooling of its maps, a hidden layer or none, and a
/// new last layer (the paper puts its pyramid behind the last convolution, section 2.2, and a new last layer behind hidden ones for detection, section 4.1).
/// </summary>
public sealed record NewHead
{
    // Deviation of the last layer's first weights, as in the paper's networks: what the images do not see of a row of many features stays as it begins.
    private const float Deviation = 0.01f;

    // The row length for which the usual rate is right; ResNet-18's.
    private const float UsualFeatures = 512;

    private const string ScoresName = "fc", HiddenName = "fc_hidden", PyramidName = "spp", MeanName = "avgpool";

    /// <summary>Levels of the pyramid in place of the network's pooling; empty for the mean over the map; null for the network's own pooling.</summary>
    public ImmutableArray<int>? Levels { get; init; }

    /// <summary>The last layer that is kept, one of the network's outermost chain; null for the one in front of the network's pooling.</summary>
    public string? At { get; init; }

    /// <summary>Units of a hidden layer with batch normalisation, ReLU and dropout; 0 for none.</summary>
    public int Hidden { get; init; }

    /// <summary>Rate of the dropout behind the hidden layer, in [0, 1).</summary>
    public float Dropout { get; init; } = 0.5f;

    /// <summary>The layers of a network that are kept, the network's own pooling among them where it stays.</summary>
    /// <param name="source">The network.</param>
    /// <exception cref="UnknownLayerException"><see cref="At"/> names no layer.</exception>
    /// <exception cref="NotSupportedException">The network has no maps to put this behind, or <see cref="At"/> is inside a block or no map.</exception>
    public IReadOnlyList<Layer> Kept(Model source)
    {
        Layer[] chain = source.Network.Root is Sequential ? [.. source.Network.Root.Children] : [source.Network.Root];
        Shape shape = new(1, source.SmallestSide, source.SmallestSide, 3);
        Shape[] outputs = [.. chain.Select(layer => shape = layer.OutputShape(shape))];
        int pooling = Array.FindIndex(outputs, output => output.Rank == 2);
        if (At is not null)
        {
            LayerPath path = LayerPath.Find(source.Network, At);
            if (path.Inside.Count > 0) throw new NotSupportedException($"'{At}' is inside a block; name a layer of the outermost chain: {string.Join(", ", chain.Select(layer => layer.Name))}.");
            if (outputs[path.Length - 1].Rank != 4 && Levels is not null) throw new NotSupportedException($"'{At}' gives rows, which have no maps to pool; name a layer in front of the pooling: {string.Join(", ", chain.Take(pooling).Select(layer => layer.Name))}.");
            return chain[..path.Length];
        }
        if (pooling < 1) throw new NotSupportedException($"{source.Description.Name} pools no maps, so that there is nothing to put a new head behind.");
        if (Levels is null) return chain[..(pooling + 1)];
        // A pooling whose grid is flattened belongs to the end that goes: the paper's pyramid takes its place.
        bool grid = chain[pooling] is GridFlatten or Flatten && pooling > 1 && chain[pooling - 1] is MaxPool2d or AveragePool2d;
        return chain[..(grid ? pooling - 1 : pooling)];
    }

    /// <summary>The network with this head: the kept layers with their weights, all else with first values.</summary>
    /// <param name="source">The trained network.</param>
    /// <param name="classNames">The classes, in the order of the outputs.</param>
    /// <param name="backend">Where the new network runs.</param>
    /// <param name="seed">Seed of the first values.</param>
    /// <returns>The new network, which is the caller's.</returns>
    /// <exception cref="NotSupportedException">The network has no place for the head, or layers that do not describe themselves.</exception>
    /// <exception cref="ArgumentException">The hidden layer or a level is out of range.</exception>
    public Model Attach(Model source, IReadOnlyList<string> classNames, Backend backend, ulong seed)
    {
        if (Hidden is < 0 or > LayerDescription.LargestExtent) throw new ArgumentException($"The hidden layer has 0 to {LayerDescription.LargestExtent} units, not {Hidden}.", nameof(classNames));
        IReadOnlyList<Layer> kept = Kept(source);
        List<Layer> layers = [.. kept.Select(layer => LayerDescription.Read(LayerDescription.Write(layer), source.Registry))];
        Shape shape = layers.Aggregate(new Shape(1, source.SmallestSide, source.SmallestSide, 3), (input, layer) => layer.OutputShape(input));
        ImmutableArray<int> levels = Levels ?? [];
        if (shape.Rank == 4)
        {
            layers.Add(levels.Length > 0 ? new SpatialPyramidPool(levels.AsSpan()) { Name = Free(PyramidName) } : new GlobalAveragePool { Name = Free(MeanName) });
            shape = layers[^1].OutputShape(shape);
        }
        if (Hidden > 0)
        {
            // Pooled features are as large as the network made them; the normalisation keeps the rate from having to follow them.
            layers.AddRange([new Linear(shape.Channels, Hidden, bias: false) { Name = Free(HiddenName) }, new BatchNorm(Hidden) { Name = Free("bn_" + HiddenName) }, new Relu { Name = Free("relu_" + HiddenName) }, new Dropout(Dropout) { Name = Free("drop_" + HiddenName) }]);
            shape = new Shape(1, Hidden);
        }
        var scores = new Linear(shape.Channels, classNames.Count) { Name = Free(ScoresName) };
        scores.Weight.Initialiser = new GaussianInitialiser(Deviation);
        // A step moves the scores by the rate times the squared length of a row, which grows with the features.
        if (Hidden == 0) scores.Weight.LearningRateMultiplier = Math.Min(1, UsualFeatures / shape.Channels);
        layers.Add(scores);
        var root = new Sequential([.. layers]);
        SpatialPyramidPool? pyramid = layers.OfType<SpatialPyramidPool>().FirstOrDefault();
        var description = new ModelDescription
        {
            Architecture = OnnxImport.Architecture,
            Options = new ModelOptions { Classes = classNames.Count, Pyramid = pyramid?.Pyramid.Levels ?? [], PyramidRule = pyramid?.Pyramid.Rule ?? PyramidRule.Adaptive },
            ClassNames = [.. classNames],
        };
        var model = new Model(description, root, backend, seed, source.Registry);
        try
        {
            Parameter[] trained = [.. kept.SelectMany(layer => layer.SelfAndDescendants()).SelectMany(layer => layer.Parameters)];
            Parameter[] copies = [.. root.Children.Take(kept.Count).SelectMany(layer => layer.SelfAndDescendants()).SelectMany(layer => layer.Parameters)];
            for (int i = 0; i < copies.Length; i++) copies[i].Value.Upload(trained[i].Value.ToArray());
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }

        string Free(string wanted)
        {
            string name = wanted;
            for (int i = 2; layers.Exists(layer => layer.Name == name); i++) name = FormattableString.Invariant($"{wanted}_{i}");
            return name;
        }
    }
}
