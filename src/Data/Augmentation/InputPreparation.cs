namespace IlgpuSpp.Data;

/// <summary>
/// What is done to every image on its way into a network, with nothing at random: resize so that the smaller side has one
/// length, cut out a crop or take the whole, normalise. Part of a model's metadata. Thread-safe.
/// </summary>
public sealed record InputPreparation
{
    /// <summary>Longest side allowed after resizing, in multiples of the smaller side; longer images are refused.</summary>
    public const int MaxAspect = 32;

    /// <summary>Length in pixels of the smaller side after resizing (the paper: 256).</summary>
    public int MinSide { get; init; } = 256;

    /// <summary>Side of crops in pixels of the resized image, at most <see cref="MinSide"/> (the paper: 224).</summary>
    public int CropSize { get; init; } = 224;

    /// <summary>How images are resized.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.BilinearAntialias;

    /// <summary>
    /// Whether JPEG files are decoded at a half, a quarter or an eighth of their size where that leaves at least <see cref="MinSide"/>: faster for pictures of several megapixels, with
    /// slightly other pixels.
    /// </summary>
    public bool ReducedDecoding { get; init; }

    /// <summary>The least side that a decoded image may have; 0 for the whole image.</summary>
    internal int LeastDecodedSide => ReducedDecoding ? MinSide : 0;

    /// <summary>What is subtracted and divided by, and the order of the channels.</summary>
    public InputNormalisation Normalisation { get; init; } = InputNormalisation.Constant();

    /// <summary>
    /// The size of an image after its smaller side is resized, the other rounded to the nearest pixel, which keeps the aspect best. The paper's release rounds it up
    /// (500×375 at 874: 1166, here 1165).
    /// </summary>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    /// <param name="minSide">Length wanted of the smaller side.</param>
    public static (int Width, int Height) SizeFor(int width, int height, int minSide)
    {
        int smaller = Math.Min(width, height);
        return ((int)Scaled(width), (int)Scaled(height));

        long Scaled(int side) => ((long)side * minSide * 2 + smaller) / (2L * smaller);
    }

    /// <summary>Why <see cref="ResizeMinSide"/> refuses an image, or null where it does not.</summary>
    /// <param name="image">The image.</param>
    public static string? Refusal(RgbImage image) => Math.Max(image.Width, image.Height) > (long)MaxAspect * Math.Min(image.Width, image.Height)
        ? $"an image of {image.Width}x{image.Height} is longer than {MaxAspect} times its smaller side; crop it"
        : null;

    /// <summary>Resizes an image so that its smaller side is <see cref="MinSide"/>, values rounded to 8 bits.</summary>
    /// <param name="image">The image.</param>
    /// <returns>A new image, or the same one where it has that size already.</returns>
    /// <exception cref="DataFormatException">The sides differ by more than <see cref="MaxAspect"/> times.</exception>
    public RgbImage ResizeMinSide(RgbImage image)
    {
        if (Refusal(image) is { } reason) throw new DataFormatException(null, reason);
        (int width, int height) = SizeFor(image.Width, image.Height, MinSide);
        return (width, height) == (image.Width, image.Height) ? image : ImageResizer.Resize(image, width, height, Filter);
    }

    /// <summary>Writes the whole image as network input.</summary>
    /// <param name="prepared">The image, as <see cref="ResizeMinSide"/> gave it.</param>
    /// <param name="flip">Whether to mirror it left to right.</param>
    /// <param name="destination"><c>[height, width, 3]</c> of the image.</param>
    public void WriteFull(RgbImage prepared, bool flip, Span<float> destination) =>
        Write(prepared, PixelRegion.Whole(prepared), prepared.Width, prepared.Height, flip, ColourTransform.Identity, destination);

    /// <summary>Writes one of the five crops of <see cref="CropSize"/>, resized to the network's size.</summary>
    /// <param name="prepared">The image, as <see cref="ResizeMinSide"/> gave it.</param>
    /// <param name="position">Where the crop lies.</param>
    /// <param name="flip">Whether to mirror it left to right.</param>
    /// <param name="size">Side of the input in pixels.</param>
    /// <param name="destination"><c>[size, size, 3]</c>.</param>
    public void WriteCrop(RgbImage prepared, CropPosition position, bool flip, int size, Span<float> destination) =>
        Write(prepared, CropWindows.At(prepared.Width, prepared.Height, CropSize, position), size, size, flip, ColourTransform.Identity, destination);

    /// <summary>The preparation as JSON, without the mean image's pixels.</summary>
    public string ToJson() => PreparationJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="meanImage">The mean image, where the normalisation has one.</param>
    /// <exception cref="DataFormatException">The text is not a preparation, or its mean image is missing.</exception>
    public static InputPreparation FromJson(string json, MeanImage? meanImage = null)
    {
        InputPreparation read = PreparationJson.ReadPreparation(json);
        if (read.MinSide < 1 || read.CropSize < 1 || read.CropSize > read.MinSide)
            throw new DataFormatException(null, $"the input preparation in the model's metadata crops {read.CropSize} of {read.MinSide} pixels; export the model again.");
        return read with { Normalisation = read.Normalisation.WithImage(meanImage) };
    }

    internal void Check()
    {
        if (MinSide < 1 || CropSize < 1 || CropSize > MinSide)
            throw new ArgumentException($"The crop must be at least 1 and at most the smaller side, but {nameof(CropSize)} is {CropSize} and {nameof(MinSide)} {MinSide}.");
        Normalisation.Check();
    }

    /// <summary>Resizes a region, mirrors it, applies colour changes and normalises, in this order.</summary>
    internal void Write(RgbImage prepared, PixelRegion region, int width, int height, bool flip, ColourTransform colour, Span<float> destination)
    {
        Cut(prepared, region, width, height, flip, destination);
        Finish(colour, width, height, destination);
    }

    /// <summary>Resizes and mirrors a region; values 0 to 255.</summary>
    internal void Cut(RgbImage prepared, PixelRegion region, int width, int height, bool flip, Span<float> destination)
    {
        if (destination.Length != width * height * 3)
            throw new ArgumentException($"An input of {width}x{height} has {width * height * 3} values, but the destination has {destination.Length}.", nameof(destination));
        if (region.Width == width && region.Height == height && double.IsInteger(region.X) && double.IsInteger(region.Y))
            PixelRows.Copy(prepared, (int)region.X, (int)region.Y, width, height, destination);
        else
            ImageResizer.ResizeToFloat(prepared, region, width, height, Filter, destination);
        if (flip) PixelRows.Mirror(destination, width, height);
    }

    /// <summary>Colour changes, mean, spread and channel order in one affine map a pixel; a mean image first, as it is in RGB.</summary>
    internal void Finish(ColourTransform colour, int width, int height, Span<float> pixels)
    {
        ColourTransform whole = colour;
        if (Normalisation.MeanImage is { } mean)
        {
            // The map is affine: A(x) − m differs from A(x − m) unless A is the identity, so the mean is taken after the colour changes.
            if (colour != ColourTransform.Identity) colour.Apply(pixels);
            PixelRows.Subtract(pixels, mean.ValuesAt(width, height));
            whole = ColourTransform.Identity;
        }
        whole.Then(ColourTransform.Normalising(Normalisation)).Apply(pixels);
    }
}

/// <summary>The order of a network's input channels.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red: networks trained with Caffe or OpenCV.</summary>
    Bgr,
}
