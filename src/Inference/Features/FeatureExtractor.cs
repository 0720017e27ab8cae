using System.Numerics.Tensors;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Inference;

/// <summary>Takes activations of any layers of a network from images. Passes are kept from one call to the next. Thread-safe: one call at a time runs the network.</summary>
public sealed class FeatureExtractor : IDisposable
{
    private const int MostPasses = 8;

    private readonly TrainedModel _model;
    private readonly IReadOnlyList<FeatureRequest> _requests;
    private readonly InputPreparation _preparation;
    private readonly PassCache<ActivationPass> _passes;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private float[] _host = [];

    /// <summary>Creates the extractor.</summary>
    /// <param name="model">The model; not disposed.</param>
    /// <param name="requests">What is wanted, at least one.</param>
    /// <param name="view">What of an image it is taken from.</param>
    /// <param name="minimumSide">Shorter side that images are resized to; null for that of the training. Not used by <see cref="FeatureView.Warp"/>.</param>
    /// <param name="mean">What is subtracted from every channel in the place of the network's own mean, 0 to 255; null for that.</param>
    /// <exception cref="ArgumentException">The minimum side is smaller than the crop.</exception>
    public FeatureExtractor(TrainedModel model, IReadOnlyList<FeatureRequest> requests, FeatureView view, int? minimumSide = null, float? mean = null)
    {
        if (requests.Count == 0) throw new ArgumentException("At least one layer must be asked for.", nameof(requests));
        _model = model;
        _requests = requests;
        View = view;
        int crop = model.Preparation.CropSize, side = minimumSide ?? (view == FeatureView.Full ? model.FullImageSide : model.Preparation.MinSide);
        if (side < 1) throw new ArgumentException($"The minimum side must be at least 1 pixel, not {side}.");
        if (view is FeatureView.Crop or FeatureView.Ten) OptionCheck.That(side >= crop, "MinimumSide", $"must be at least the crop's {crop} pixels, but is {side}");
        string[] layers = [.. requests.Select(request => request.Layer)];
        _passes = new PassCache<ActivationPass>(model.Model.Backend, input => new ActivationPass(model.Model.Network, input, layers), pass => pass.Bytes, MostPasses);
        _preparation = model.Preparation with { MinSide = side, CropSize = Math.Min(crop, side) };
        if (mean is { } value) _preparation = _preparation with { Normalisation = _preparation.Normalisation.WithMean(value) };
    }

    /// <summary>What of an image the features are taken from.</summary>
    public FeatureView View { get; }

    /// <summary>Rows of features that an image gives.</summary>
    public int RowsPerImage => View == FeatureView.Ten ? 2 * CropWindows.Positions : 1;

    /// <summary>The activations of some images; those of equal prepared size share a pass.</summary>
    /// <param name="images">The images.</param>
    /// <returns>For each image, for each of its <see cref="RowsPerImage"/> views, for each request, the activations.</returns>
    /// <exception cref="DataFormatException">An image cannot be decoded.</exception>
    /// <exception cref="IOException">An image cannot be read.</exception>
    /// <exception cref="InputTooSmallException">An image is too small for the layers.</exception>
    /// <exception cref="ShapeMismatchException">An image does not fit the layers, such as a fully connected one without a pyramid.</exception>
    public FeatureArray[][][] Extract(params IReadOnlyList<ImageInput> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        RgbImage[] prepared = [.. images.Select(image => Prepare(image.Load()))];
        _turn.Wait();
        try
        {
            return Run(prepared);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>As <see cref="Extract(IReadOnlyList{ImageInput})"/>, on threads of the pool; files are read and its turn is waited for without holding one.</summary>
    /// <param name="images">The images.</param>
    /// <param name="cancellation">Ends the work before its next step: reading and decoding of an image, the passes.</param>
    public Task<FeatureArray[][][]> ExtractAsync(IReadOnlyList<ImageInput> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Task.Run(async () =>
        {
            var prepared = new RgbImage[images.Count];
            for (int i = 0; i < prepared.Length; i++) prepared[i] = Prepare(await images[i].LoadAsync(cancellation: cancellation).ConfigureAwait(false));
            await _turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return Run(prepared);
            }
            finally
            {
                _turn.Release();
            }
        }, cancellation);
    }

    /// <summary>The activations of pixels that the caller has prepared: cropped or resized, normalised, in the network's order of channels (<see cref="TrainedModel.Preparation"/>). The view plays no part.</summary>
    /// <param name="prepared">Network input, <c>[images, height, width, 3]</c>.</param>
    /// <returns>For each image, for each request, the activations.</returns>
    /// <exception cref="ArgumentException">The tensor has another shape.</exception>
    /// <exception cref="InputTooSmallException">The images are too small for the layers.</exception>
    /// <exception cref="ShapeMismatchException">The images do not fit the layers.</exception>
    public FeatureArray[][] Extract(in ReadOnlyTensorSpan<float> prepared)
    {
        Shape input = InferencePass.InputOf(prepared.Lengths);
        _turn.Wait();
        try
        {
            prepared.FlattenTo(Host(checked((int)input.Count)));
            return Run(input);
        }
        finally
        {
            _turn.Release();
        }
    }

    private FeatureArray[][][] Run(RgbImage[] prepared)
    {
        var results = new FeatureArray[prepared.Length][][];
        foreach (var group in Enumerable.Range(0, prepared.Length).GroupBy(i => InputSize(prepared[i])))
        {
            int[] members = [.. group];
            FeatureArray[][] rows = Run([.. members.Select(i => prepared[i])], group.Key.Height, group.Key.Width);
            for (int i = 0; i < members.Length; i++) results[members[i]] = rows[(i * RowsPerImage)..((i + 1) * RowsPerImage)];
        }
        return results;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _passes.Dispose();
        _turn.Dispose();
    }

    private RgbImage Prepare(RgbImage image) => View == FeatureView.Warp
        ? ImageResizer.Resize(image, _model.InputSize, _model.InputSize, _preparation.Filter)
        : _preparation.ResizeMinSide(image);

    private (int Height, int Width) InputSize(RgbImage prepared) =>
        View is FeatureView.Crop or FeatureView.Ten ? (_model.InputSize, _model.InputSize) : (prepared.Height, prepared.Width);

    private FeatureArray[][] Run(RgbImage[] images, int height, int width)
    {
        int rows = images.Length * RowsPerImage, length = height * width * 3;
        Span<float> host = Host(rows * length);
        for (int row = 0; row < rows; row++)
        {
            RgbImage image = images[row / RowsPerImage];
            int view = row % RowsPerImage;
            Span<float> place = host.Slice(row * length, length);
            if (View is FeatureView.Crop or FeatureView.Ten)
                _preparation.WriteCrop(image, (CropPosition)(view / 2), flip: view % 2 == 1, _model.InputSize, place);
            else
                _preparation.WriteFull(image, flip: false, place);
        }
        return Run(new Shape(rows, height, width, 3));
    }

    private Span<float> Host(int length)
    {
        if (_host.Length < length) _host = new float[length];
        return _host.AsSpan(0, length);
    }

    // What lies in the host memory, row by row.
    private FeatureArray[][] Run(Shape input)
    {
        int rows = input.Batch;
        ActivationPass pass = _passes.Get(input);
        pass.Input.Upload(Host(checked((int)input.Count)));
        pass.Forward();
        var results = new FeatureArray[rows][];
        for (int row = 0; row < rows; row++) results[row] = new FeatureArray[_requests.Count];
        for (int r = 0; r < _requests.Count; r++)
        {
            (float[] values, Shape shape) = Read(pass, _requests[r]);
            int count = values.Length / rows;
            for (int row = 0; row < rows; row++) results[row][r] = new FeatureArray(shape, values[(row * count)..((row + 1) * count)]);
        }
        return results;
    }

    private static (float[] Values, Shape Shape) Read(ActivationPass pass, FeatureRequest request)
    {
        Tensor activation = pass[request.Layer];
        Shape shape = activation.Shape;
        if (request.Levels.IsEmpty)
            return (activation.ToArray(), shape.Rank == 4 ? new Shape([shape.Height, shape.Width, shape.Channels]) : new Shape(checked((int)(shape.Count / shape.Batch))));
        if (shape.Rank != 4) throw new ArgumentException($"{request.Name}: layer {request.Layer} gives no map that a pyramid could pool; leave the levels out.");
        var pyramid = new Pyramid(request.Levels.AsSpan());
        using Tensor pooled = activation.Backend.Allocate(ShapeRules.PyramidPool(shape, pyramid));
        activation.Backend.PyramidForward(activation, pooled, null, pyramid);
        return (pooled.ToArray(), new Shape(pooled.Shape[1]));
    }
}

/// <summary>Activations of one view of one image.</summary>
/// <param name="Shape">Their shape without the batch: <c>[h, w, c]</c> of a map, else <c>[features]</c>.</param>
/// <param name="Values">The values, row-major.</param>
public sealed record FeatureArray(Shape Shape, float[] Values);

/// <summary>What of an image features are taken from.</summary>
public enum FeatureView
{
    /// <summary>The centre crop of the image resized to the minimum side.</summary>
    Crop,

    /// <summary>The whole image resized to the minimum side, at its own aspect ratio.</summary>
    Full,

    /// <summary>The whole image warped to the square of the crop, at the cost of its aspect ratio.</summary>
    Warp,

    /// <summary>The crops at the centre and the four corners, each plain and mirrored: ten rows of features.</summary>
    Ten,
}
