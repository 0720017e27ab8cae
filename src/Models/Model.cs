namespace IlgpuSpp.Models;

/// <summary>A network with what is needed to use it: architecture, class names, input facts.</summary>
public sealed class Model : IDisposable
{
    private readonly Lazy<int?> _smallest;

    /// <summary>Builds the network on a backend and fills it with its first values.</summary>
    /// <param name="description">What it is.</param>
    /// <param name="root">The layers.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="seed">Seed of the first values.</param>
    /// <param name="registry">The layers that it may be made of, where some are of the user's own; null for those of the project.</param>
    public Model(ModelDescription description, Layer root, Backend backend, ulong seed, LayerRegistry? registry = null)
    {
        Description = description;
        Registry = registry ?? LayerRegistry.BuiltIn;
        Network = new Network(root, backend, seed);
        _smallest = new Lazy<int?>(() => root.SmallestInput());
    }

    /// <summary>What the model is; replaced when class names or facts become known.</summary>
    public ModelDescription Description { get; set; }

    /// <summary>The layers with their parameters.</summary>
    public Network Network { get; }

    /// <summary>The layers that the network may be made of; networks derived from it (another head, fewer ranks) are built with them.</summary>
    internal LayerRegistry Registry { get; }

    /// <summary>Where the model runs.</summary>
    public Backend Backend => Network.Backend;

    /// <summary>Number of outputs.</summary>
    public int Classes => Description.Options.Classes;

    /// <summary>Number of values in a row of the layers' output; null where that cannot be told without knowing a size.</summary>
    internal int? Outputs => _smallest.Value is { } side && Network.Root.OutputShape(new Shape(1, side, side, 3)) is { Rank: 2 } row ? row.Channels : null;

    /// <summary>Whether images of any size above the smallest can be used: true with a pyramid.</summary>
    public bool TakesAnySize => Accepts(SmallestSide + 1, SmallestSide + 33);

    /// <summary>Side of the smallest square image; for a network without a pyramid of the only one.</summary>
    public int SmallestSide => _smallest.Value ?? throw new InvalidOperationException($"{Description.Name} takes no square image of up to 512 pixels.");

    /// <summary>Refuses an image size that the network cannot take, naming one that it can.</summary>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <exception cref="InputTooSmallException">The image is too small.</exception>
    /// <exception cref="ShapeMismatchException">The network has no pyramid and takes one size only.</exception>
    public void CheckInput(int height, int width)
    {
        if (Accepts(height, width)) return;
        int side = SmallestSide;
        if (!TakesAnySize)
            throw new ShapeMismatchException(Description.Architecture, new Shape(1, side, side, 3), new Shape(1, height, width, 3), $"the network has no pyramid for maps of any size and takes {side}x{side} images only");
        throw new InputTooSmallException(Description.Architecture, height, width, side, side);
    }

    private bool Accepts(int height, int width)
    {
        try
        {
            Network.Root.OutputShape(new Shape(1, height, width, 3));
            return true;
        }
        catch (Exception refused) when (refused is InputTooSmallException or ShapeMismatchException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}
