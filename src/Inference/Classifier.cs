using System.Globalization;
using System.Numerics.Tensors;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Models;

namespace IlgpuSpp.Inference;

/// <summary>Names what images of any size show. Thread-safe: several threads may predict at a time.</summary>
public sealed class Classifier : IDisposable
{
    // Of a batch so many go through the network together: more take memory and are no faster.
    private const int MostInPass = 16;

    private readonly ClassifierOptions _options;
    private readonly IReadOnlyList<string> _classNames;
    private readonly InputPreparation _preparation;
    private readonly PassCache<InferencePass> _passes;
    private readonly IImageScorer? _scorer;
    private readonly Lazy<EvidenceMaps> _evidence;
    private readonly bool _full;

    /// <summary>Wraps a model.</summary>
    /// <param name="model">The model; disposed with the classifier.</param>
    /// <param name="options">How images are fitted to the network.</param>
    /// <exception cref="ArgumentException">An option cannot work, or the network takes one size only and the full image was asked for.</exception>
    public Classifier(TrainedModel model, ClassifierOptions? options = null)
    {
        _options = options ?? new ClassifierOptions();
        _options.Validate();
        Model = model;
        _classNames = model.ClassNames;
        EvaluationView view = _options.View ?? (model.Model.TakesAnySize ? EvaluationView.Full : EvaluationView.Crop);
        _full = view == EvaluationView.Full;
        if (_full && !model.Model.TakesAnySize)
            throw new ArgumentException($"{model.Model.Description.Name} without a pyramid takes one input size only; use the crop view.", nameof(options));
        int side = _options.MinimumSide ?? (_full ? model.FullImageSide : model.Preparation.MinSide);
        _preparation = model.Preparation with { MinSide = side, CropSize = Math.Min(model.Preparation.CropSize, side) };
        if (_full) model.Model.CheckInput(side, side);
        _scorer = _options.Views?.Open(model);
        _evidence = new Lazy<EvidenceMaps>(() => new EvidenceMaps(model));
        _passes = InferencePass.CacheOf(model.Model.Network, _options.MaximumPasses, _options.MaximumPassBytes);
    }

    /// <summary>The model.</summary>
    public TrainedModel Model { get; }

    /// <summary>Opens a model file.</summary>
    /// <param name="source">The model, e.g. <c>best.safetensors</c> of a run: its path, its bytes, or a stream.</param>
    /// <param name="backend">Where it runs; not disposed with the classifier.</param>
    /// <param name="options">How images are fitted to the network.</param>
    /// <exception cref="ModelFormatException">The file is damaged or not a model of this program.</exception>
    /// <exception cref="DataFormatException">The file does not say how images are prepared.</exception>
    public static Classifier Load(ModelSource source, Backend backend, ClassifierOptions? options = null)
    {
        TrainedModel model = TrainedModel.Load(source, backend);
        try
        {
            return new Classifier(model, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Names what an image shows.</summary>
    /// <param name="image">The image, of any size: its smaller side is resized to the one of the evaluation, larger or smaller.</param>
    /// <param name="top">Number of classes wanted, at least 1; no more than the model has are given.</param>
    /// <returns>The most probable classes, best first; of equal ones the lower number first.</returns>
    /// <exception cref="DataFormatException">It cannot be decoded.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<Guess> Predict(ImageInput image, int top = 5)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        return Guess.Best(_classNames, Probabilities(image), top);
    }

    /// <summary>Names what images show; those of equal prepared size go through the network together.</summary>
    /// <param name="images">The images.</param>
    /// <param name="top">As above.</param>
    /// <returns>For every image its most probable classes, best first.</returns>
    /// <exception cref="DataFormatException">An image cannot be decoded.</exception>
    /// <exception cref="IOException">An image cannot be read.</exception>
    public IReadOnlyList<IReadOnlyList<Guess>> Predict(IReadOnlyList<ImageInput> images, int top = 5)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        if (_scorer is not null) return [.. images.Select(image => Predict(image, top))];
        var guesses = new IReadOnlyList<Guess>[images.Count];
        foreach ((int[] members, PreparedImage[] prepared) in Passes([.. images.Select(image => Prepare(Load(image)))]))
            Tell(members, Probabilities(prepared), top, guesses);
        return guesses;
    }

    /// <summary>As <see cref="Predict(ImageInput, int)"/>, on threads of the pool; files are read and room for a pass is waited for without holding one.</summary>
    /// <param name="image">The image.</param>
    /// <param name="top">As above.</param>
    /// <param name="cancellation">Ends the work before its next step: reading, decoding, the pass.</param>
    public async Task<IReadOnlyList<Guess>> PredictAsync(ImageInput image, int top = 5, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return (await PredictAsync([image], top, cancellation).ConfigureAwait(false))[0];
    }

    /// <summary>As <see cref="Predict(IReadOnlyList{ImageInput}, int)"/>, on threads of the pool; files are read and room for a pass is waited for without holding one.</summary>
    /// <param name="images">The images.</param>
    /// <param name="top">As above.</param>
    /// <param name="cancellation">Ends the work before its next step: reading and decoding of an image, a pass.</param>
    public Task<IReadOnlyList<IReadOnlyList<Guess>>> PredictAsync(IReadOnlyList<ImageInput> images, int top = 5, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        return Task.Run(async () =>
        {
            var guesses = new IReadOnlyList<Guess>[images.Count];
            var prepared = new PreparedImage[images.Count];
            for (int i = 0; i < images.Count; i++)
            {
                RgbImage image = await images[i].LoadAsync(LeastDecodedSide, cancellation).ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
                if (_scorer is not null) guesses[i] = Guess.Best(_classNames, _scorer.Score(LimitAspect(image)), top);
                else prepared[i] = Prepare(image);
            }
            if (_scorer is not null) return guesses;
            foreach ((int[] members, PreparedImage[] together) in Passes(prepared))
            {
                cancellation.ThrowIfCancellationRequested();
                Tell(members, await InferencePass.ProbabilitiesAsync(_passes, InputOf(together), input => Write(together, input), cancellation).ConfigureAwait(false), top, guesses);
            }
            return (IReadOnlyList<IReadOnlyList<Guess>>)guesses;
        }, cancellation);
    }

    /// <summary>Probabilities of all classes, in the order of the model's outputs.</summary>
    /// <param name="image">The image, of any size.</param>
    /// <returns><c>[classes]</c>, summing to 1.</returns>
    /// <exception cref="DataFormatException">It cannot be decoded.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public float[] Probabilities(ImageInput image)
    {
        ArgumentNullException.ThrowIfNull(image);
        RgbImage loaded = Load(image);
        return _scorer is not null ? _scorer.Score(LimitAspect(loaded)) : Probabilities([Prepare(loaded)]);
    }

    /// <summary>Probabilities of all classes for pixels that the caller has prepared: cropped or resized, normalised, in the network's order of channels (<see cref="TrainedModel.Preparation"/>). The views of the options play no part.</summary>
    /// <param name="prepared">Network input, <c>[images, height, width, 3]</c>.</param>
    /// <param name="probabilities">Receives <c>[images, classes]</c>, each row summing to 1.</param>
    /// <exception cref="ArgumentException">A tensor has another shape.</exception>
    /// <exception cref="ShapeMismatchException">The network does not take images of this size.</exception>
    /// <exception cref="InputTooSmallException">The images are too small for the network.</exception>
    public void Probabilities(in ReadOnlyTensorSpan<float> prepared, in TensorSpan<float> probabilities)
    {
        Shape input = InferencePass.InputOf(prepared.Lengths);
        if (probabilities.Lengths is not [var rows, var classes] || rows != input.Batch || classes != _classNames.Count)
            throw new ArgumentException($"Probabilities of {input.Batch} images for {_classNames.Count} classes are [{input.Batch}, {_classNames.Count}], not [{InferencePass.Text(probabilities.Lengths)}].", nameof(probabilities));
        InferencePass rented = _passes.Rent(input);
        try
        {
            prepared.FlattenTo(rented.Host);
            new ReadOnlyTensorSpan<float>(rented.Run(), probabilities.Lengths).CopyTo(probabilities);
        }
        finally
        {
            _passes.Return(input, rented);
        }
    }

    /// <summary>Fits an image to the network; what is kept of it is no larger than its input.</summary>
    /// <param name="image">The image, of any size.</param>
    internal PreparedImage Prepare(RgbImage image)
    {
        RgbImage middle = LimitAspect(image);
        RgbImage prepared = _preparation.ResizeMinSide(middle);
        int left = (image.Width - middle.Width) / 2, top = (image.Height - middle.Height) / 2;
        if (_full) return new PreparedImage(prepared, prepared.Height, prepared.Width, new PixelBox(left, top, left + middle.Width, top + middle.Height));
        PixelRegion crop = CropWindows.At(prepared.Width, prepared.Height, _preparation.CropSize, CropPosition.Centre);
        double x = (double)middle.Width / prepared.Width, y = (double)middle.Height / prepared.Height;
        return new PreparedImage(prepared, Model.InputSize, Model.InputSize, new PixelBox(left + crop.X * x, top + crop.Y * y, left + (crop.X + crop.Width) * x, top + (crop.Y + crop.Height) * y));
    }

    /// <summary>Probabilities of all classes for images of one prepared size, in one pass.</summary>
    /// <param name="images">What <see cref="Prepare"/> gave, at least one, all of the same height and width.</param>
    /// <returns><c>[images, classes]</c>.</returns>
    internal float[] Probabilities(IReadOnlyList<PreparedImage> images)
    {
        return InferencePass.Probabilities(_passes, InputOf(images), input => Write(images, input));
    }

    /// <summary>Where in an image the evidence for a class lies; not with several views.</summary>
    /// <param name="image">What <see cref="Prepare"/> gave.</param>
    /// <param name="label">Number of the class.</param>
    internal EvidenceMap Evidence(PreparedImage image, int label) => _evidence.Value.Of(image, label, input => Write([image], input));

    // JPEGs may be decoded at a part of their size where the preparation says so and one view is made of them.
    private int LeastDecodedSide => _scorer is null ? _preparation.LeastDecodedSide : 0;

    private RgbImage Load(ImageInput image) => image.Load(LeastDecodedSide);

    private static Shape InputOf(IReadOnlyList<PreparedImage> images) => new(images.Count, images[0].Height, images[0].Width, 3);

    // What goes through the network together: the positions of images of one size.
    private static IEnumerable<(int[] Members, PreparedImage[] Images)> Passes(PreparedImage[] prepared) => Enumerable.Range(0, prepared.Length)
        .GroupBy(i => (prepared[i].Height, prepared[i].Width)).SelectMany(group => group.Chunk(MostInPass)).Select(members => (members, members.Select(i => prepared[i]).ToArray()));

    private void Tell(int[] members, float[] probabilities, int top, IReadOnlyList<Guess>[] guesses)
    {
        int classes = probabilities.Length / members.Length;
        for (int i = 0; i < members.Length; i++) guesses[members[i]] = Guess.Best(_classNames, probabilities[(i * classes)..((i + 1) * classes)], top);
    }

    private void Write(IReadOnlyList<PreparedImage> images, Span<float> input)
    {
        int length = input.Length / images.Count;
        for (int i = 0; i < images.Count; i++)
        {
            Span<float> place = input.Slice(i * length, length);
            if (_full) _preparation.WriteFull(images[i].Image, flip: false, place);
            else _preparation.WriteCrop(images[i].Image, CropPosition.Centre, flip: false, Model.InputSize, place);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scorer?.Dispose();
        if (_evidence.IsValueCreated) _evidence.Value.Dispose();
        _passes.Dispose();
        Model.Dispose();
    }

    // The middle of a panorama or a column: memory stays bounded and the network sees shapes like those it was trained on.
    private RgbImage LimitAspect(RgbImage image)
    {
        int most = (int)Math.Min(int.MaxValue, Math.Max(1, Math.Min(image.Width, image.Height) * _options.MaximumAspect));
        if (image.Width <= most && image.Height <= most) return image;
        int width = Math.Min(image.Width, most), height = Math.Min(image.Height, most);
        int left = (image.Width - width) / 2, top = (image.Height - height) / 2;
        var middle = new RgbImage(width, height);
        for (int y = 0; y < height; y++) image.Row(top + y).Slice(left * 3, width * 3).CopyTo(middle.Row(y));
        return middle;
    }
}

/// <summary>One class that an image may show.</summary>
/// <param name="ClassName">Name of the class; its number where the model knows no names.</param>
/// <param name="Index">Number of the class: the output of the network.</param>
/// <param name="Probability">The softmax's probability, 0 to 1.</param>
public sealed record Guess(string ClassName, int Index, double Probability)
{
    /// <summary>The most probable classes, best first; of equal ones the lower number first.</summary>
    internal static IReadOnlyList<Guess> Best(IReadOnlyList<string> classNames, float[] probabilities, int top)
    {
        int[] order = [.. Enumerable.Range(0, probabilities.Length)];
        Array.Sort(order, (a, b) => probabilities[a] != probabilities[b] ? probabilities[b].CompareTo(probabilities[a]) : a.CompareTo(b));
        return [.. order.Take(top).Select(c => new Guess(classNames[c], c, probabilities[c]))];
    }

    /// <summary>Name and probability, e.g. <c>tabby 93.1 %</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ClassName} {100 * Probability:F1} %");
}

/// <summary>An image fitted to a network.</summary>
/// <param name="Image">The image, its smaller side resized.</param>
/// <param name="Height">Rows of the network's input.</param>
/// <param name="Width">Columns of the network's input.</param>
/// <param name="Seen">What the input covers of the image as it was, from edge to edge in pixels.</param>
internal sealed record PreparedImage(RgbImage Image, int Height, int Width, PixelBox Seen);
