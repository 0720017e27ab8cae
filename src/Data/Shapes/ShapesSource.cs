namespace IlgpuSpp.Data;

/// <summary>
/// Images of one textured shape over clutter, of varied sizes and aspect ratios, drawn when asked for. Every image follows
/// from the seed and its number alone; its class is its number modulo <see cref="ClassCount"/>. Thread-safe.
/// </summary>
internal sealed class ShapesSource : IImageSource
{
    /// <summary>Number of classes.</summary>
    public const int ClassCount = 10;

    private readonly ShapesOptions _options;

    /// <summary>Creates the source; nothing is drawn yet. Training images come first, then those for validation.</summary>
    /// <param name="options">What the images look like.</param>
    public ShapesSource(ShapesOptions? options = null)
    {
        _options = options ?? new ShapesOptions();
        _options.Check();
    }

    /// <summary>The class names in the order of their labels.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = [.. Enum.GetNames<ShapeKind>().Select(name => name.ToLowerInvariant())];

    /// <summary>What the images look like.</summary>
    public ShapesOptions Options => _options;

    /// <inheritdoc/>
    public int Count => _options.TrainImages + _options.ValidationImages;

    /// <summary>The class of an image.</summary>
    /// <param name="index">The image.</param>
    public static int LabelOf(int index) => index % ClassCount;

    /// <inheritdoc/>
    public string NameOf(int index) => FormattableString.Invariant($"{ClassNames[LabelOf(index)]}/shape-{index:D6}");

    /// <inheritdoc/>
    public RgbImage Load(int index) => Draw(index).Image;

    /// <summary>Draws an image and says where its shape is.</summary>
    /// <param name="index">The image, from 0 to <see cref="Count"/> − 1.</param>
    public ShapesScene Draw(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return ShapesPainter.Single(_options, DataStreams.Derive(new RandomKey(_options.Seed, DataStreams.Shapes, 0), index), (ShapeKind)LabelOf(index));
    }

    /// <summary>Draws an image of several shapes with their boxes, for detection.</summary>
    /// <param name="index">The image, from 0; any number.</param>
    /// <param name="maxObjects">Most shapes, at least 1.</param>
    public ShapesScene DrawScene(int index, int maxObjects = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxObjects, 1);
        return ShapesPainter.Several(_options, DataStreams.Derive(new RandomKey(_options.Seed, DataStreams.Shapes, 1), index), maxObjects);
    }
}

/// <summary>The classes of the shapes data set, in the order of their labels.</summary>
internal enum ShapeKind
{
    /// <summary>An arrow with a shaft.</summary>
    Arrow,

    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A moon-like sickle.</summary>
    Crescent,

    /// <summary>A plus sign.</summary>
    Cross,

    /// <summary>A drop: round below, pointed above.</summary>
    Drop,

    /// <summary>A heart.</summary>
    Heart,

    /// <summary>A disc with a hole.</summary>
    Ring,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A star of five points.</summary>
    Star,

    /// <summary>An equilateral triangle.</summary>
    Triangle,
}

/// <summary>A shape in a drawn image.</summary>
/// <param name="Kind">Which shape; its number is the label.</param>
/// <param name="Box">The smallest rectangle around the part of it that lies inside the image, in pixels.</param>
internal sealed record ShapeObject(ShapeKind Kind, PixelRegion Box);

/// <summary>A drawn image and the shapes in it.</summary>
/// <param name="Image">The image.</param>
/// <param name="Objects">The shapes, from back to front.</param>
internal sealed record ShapesScene(RgbImage Image, IReadOnlyList<ShapeObject> Objects);
