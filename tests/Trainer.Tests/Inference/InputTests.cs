using System.Numerics.Tensors;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Inference;

/// <summary>Models and images from wherever programs have them give one answer.</summary>
public sealed class InputTests : FolderTest
{
    private readonly CpuBackend _backend = TinyRun.Backend(2);
    private readonly RgbImage[] _images = [.. Sizes.Select((size, i) => SmallClassifier.Noise(size.Width, size.Height, (uint)i))];
    private readonly Classifier _classifier;

    private static (int Width, int Height)[] Sizes => [(60, 40), (40, 60), (70, 70), (61, 41), (99, 57), (60, 40)];

    public InputTests()
    {
        using TrainedModel model = SmallClassifier.Create(_backend);
        model.Save(_folder["model.safetensors"]);
        _classifier = Classifier.Load(_folder["model.safetensors"], _backend);
        for (int i = 0; i < _images.Length; i++) ImageWriter.WritePng(_folder[$"{i}.png"], _images[i]);
    }

    protected override void Dispose(bool disposing)
    {
        _classifier.Dispose();
        _backend.Dispose();
        base.Dispose(disposing);
    }

    [Fact]
    public void A_model_is_the_same_from_a_path_from_bytes_and_from_a_stream()
    {
        byte[] content = File.ReadAllBytes(_folder["model.safetensors"]);
        float[] expected = _classifier.Probabilities(_images[0]);
        using (var bytes = Classifier.Load(content, _backend)) Assert.Equal(expected, bytes.Probabilities(_images[0]));
        using (var slice = Classifier.Load((ReadOnlyMemory<byte>)new byte[8].Concat(content).ToArray().AsMemory(8), _backend)) Assert.Equal(expected, slice.Probabilities(_images[0]));
        using (var stream = new ForwardStream(content))
        using (var forward = Classifier.Load(stream, _backend)) Assert.Equal(expected, forward.Probabilities(_images[0]));

        long held = _backend.Memory.InUse;
        Assert.Contains("the model in memory: ", Assert.Throws<ModelFormatException>(() => Classifier.Load(content[..^1], _backend)).Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => Classifier.Load(Array.Empty<byte>(), _backend));
        Assert.Contains("thing: ", Assert.Throws<ModelFormatException>(() => Classifier.Load(new ModelSource(new MemoryStream([1, 2]), "thing"), _backend)).Message, StringComparison.Ordinal);
        Assert.Equal(held, _backend.Memory.InUse);
    }

    [Fact]
    public async Task An_image_is_the_same_from_a_path_from_bytes_from_a_stream_and_from_pixels()
    {
        byte[] content = File.ReadAllBytes(_folder["0.png"]);
        RgbImage image = _images[0];
        byte[] bgra = new byte[image.Height * 256];
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width; x++)
            {
                for (int c = 0; c < 3; c++) bgra[y * 256 + 4 * x + 2 - c] = image.Row(y)[3 * x + c];
                bgra[y * 256 + 4 * x + 3] = 255;
            }
        float[] expected = _classifier.Probabilities(_folder["0.png"]);
        Assert.Equal(expected, _classifier.Probabilities(content));
        Assert.Equal(expected, _classifier.Probabilities(new ForwardStream(content)));
        Assert.Equal(expected, _classifier.Probabilities(image));
        Assert.Equal(expected, _classifier.Probabilities(RgbImage.FromPixels(bgra, image.Width, image.Height, PixelLayout.Bgra, 256)));
        IReadOnlyList<Guess> guesses = _classifier.Predict(_folder["0.png"]);
        foreach (ImageInput input in (ImageInput[])[_folder["0.png"], content, new ForwardStream(content), image]) Assert.Equal(guesses, await _classifier.PredictAsync(input));

        Assert.Contains("mine: not an image", Assert.Throws<DataFormatException>(() => _classifier.Predict(new ImageInput("words"u8.ToArray(), "mine"))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DataFormatException>(() => _classifier.PredictAsync("words"u8.ToArray()));
        await Assert.ThrowsAsync<FileNotFoundException>(() => _classifier.PredictAsync(_folder["gone.png"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _classifier.Predict([image], top: 0));
    }

    [Fact]
    public async Task A_batch_says_what_its_images_say_alone_in_their_order()
    {
        ImageInput[] inputs = [.. _images.Select((image, i) => i % 2 == 0 ? (ImageInput)image : _folder[$"{i}.png"])];
        IReadOnlyList<IReadOnlyList<Guess>> together = _classifier.Predict(inputs), later = await _classifier.PredictAsync(inputs);
        for (int i = 0; i < inputs.Length; i++)
        {
            IReadOnlyList<Guess> alone = _classifier.Predict(inputs[i]);
            Assert.Equal(alone.Select(guess => guess.Index), together[i].Select(guess => guess.Index));
            for (int k = 0; k < alone.Count; k++) Assert.Equal(alone[k].Probability, together[i][k].Probability, 1e-6);
            Assert.Equal(together[i], later[i]);
        }
        Assert.Empty(_classifier.Predict([]));
    }

    [Fact]
    public async Task Many_at_a_time_say_what_they_say_in_turn_within_the_bound_of_the_passes()
    {
        float[][] alone = [.. _images.Select(image => _classifier.Probabilities(image))];
        // Room for one pass of the largest image and not for a second of any.
        long largest = _images.Max(image => PassBytes(image));
        Assert.True(2 * _images.Min(PassBytes) > largest);
        var options = new ClassifierOptions { MaximumPassBytes = largest };
        using CpuBackend inTurn = TinyRun.Backend(2), backend = TinyRun.Backend(2);
        using (var one = Classifier.Load(_folder["model.safetensors"], inTurn, options))
            foreach (RgbImage image in _images) one.Predict(image);
        using var bounded = Classifier.Load(_folder["model.safetensors"], backend, options);
        await Task.WhenAll(Enumerable.Range(0, 48).Select(async i =>
        {
            IReadOnlyList<Guess> guesses = await bounded.PredictAsync(_images[i % _images.Length], TinyRun.Classes.Length);
            foreach (Guess guess in guesses) Assert.Equal(alone[i % _images.Length][guess.Index], (float)guess.Probability);
        }));
        Assert.InRange(backend.Memory.Peak, 1, inTurn.Memory.Peak);
    }

    [Fact]
    public async Task Passes_in_use_count_and_whoever_wants_more_waits()
    {
        using TrainedModel model = SmallClassifier.Create(_backend);
        Shape small = new(1, 48, 48, 3), large = new(1, 64, 64, 3);
        long expected = model.Model.Network.InferenceBytes(small), before = _backend.Memory.InUse;
        using (NetworkPass pass = model.Model.Network.Plan(small, PassMode.Inference)) Assert.Equal(expected, pass.Bytes);
        Assert.Equal(before, _backend.Memory.InUse);

        using PassCache<InferencePass> probe = InferencePass.CacheOf(model.Model.Network);
        InferencePass one = probe.Rent(small);
        long own = one.Bytes;
        Assert.Equal(own, probe.Bytes);
        probe.Return(small, one);
        Assert.Equal(own, probe.Bytes);

        using PassCache<InferencePass> two = InferencePass.CacheOf(model.Model.Network, maximumBytes: 2 * own);
        InferencePass first = two.Rent(small), second = two.Rent(small);
        Task<InferencePass> third = two.RentAsync(small, CancellationToken.None);
        using var impatient = new CancellationTokenSource();
        Task<InferencePass> given = two.RentAsync(large, impatient.Token);
        Assert.False(third.IsCompleted || given.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        two.Return(small, first);
        Assert.Same(first, await third);
        Assert.Equal(2 * own, two.Bytes);
        two.Return(small, first);
        two.Return(small, second);
        // One alone may be larger than the bound; what is idle makes room for it.
        using PassCache<InferencePass> none = InferencePass.CacheOf(model.Model.Network, maximumBytes: 1);
        none.Return(small, none.Rent(small));
        InferencePass alone = none.Rent(large);
        Assert.Equal(0, none.Idle);
        none.Return(large, alone);
    }

    [Fact]
    public async Task Cancelled_work_ends()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _classifier.PredictAsync(_images[0], cancellation: cancelled.Token));
        // Cancelled while the second image is read: the third is not.
        using var later = new CancellationTokenSource();
        var third = new ForwardStream([]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _classifier.PredictAsync([_images[0], new ForwardStream(File.ReadAllBytes(_folder["1.png"]), later.Cancel), third], cancellation: later.Token));
        Assert.Equal(0, third.Reads);
        Assert.NotEmpty(_classifier.Predict(_images[0]));
    }

    [Fact]
    public void Prepared_pixels_go_in_and_probabilities_out_as_tensors()
    {
        const int Side = 56;
        RgbImage square = _images[2];
        float[] input = new float[2 * Side * Side * 3], wide = new float[2 * 5];
        RgbImage resized = SmallClassifier.Preparation.ResizeMinSide(square);
        for (int i = 0; i < 2; i++) SmallClassifier.Preparation.WriteFull(resized, flip: false, input.AsSpan(i * Side * Side * 3, Side * Side * 3));
        var output = new float[2 * 3];
        _classifier.Probabilities(new ReadOnlyTensorSpan<float>(input, [2, Side, Side, 3]), new TensorSpan<float>(output, [2, 3]));
        float[] expected = _classifier.Probabilities(square);
        for (int i = 0; i < output.Length; i++) Assert.Equal(expected[i % 3], output[i], 1e-6);
        // Into the middle columns of a wider tensor.
        var columns = new TensorSpan<float>(wide, [2, 5]);
        _classifier.Probabilities(new ReadOnlyTensorSpan<float>(input, [2, Side, Side, 3]), columns.Slice([0..2, 1..4]));
        Assert.Equal([0, .. output[..3], 0, 0, .. output[3..], 0], wide);

        Assert.Contains("[1, 2, 3]", Assert.Throws<ArgumentException>(() => _classifier.Probabilities(new ReadOnlyTensorSpan<float>(input, [1, 2, 3]), new TensorSpan<float>(output, [2, 3]))).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3], not [3, 2]", Assert.Throws<ArgumentException>(() => _classifier.Probabilities(new ReadOnlyTensorSpan<float>(input, [2, Side, Side, 3]), new TensorSpan<float>(output, [3, 2]))).Message, StringComparison.Ordinal);

        using var extractor = new FeatureExtractor(_classifier.Model, [FeatureRequest.Parse("conv1", _classifier.Model.Model.Network)], FeatureView.Full);
        Assert.Equal(extractor.Extract(square)[0][0][0].Values, extractor.Extract(new ReadOnlyTensorSpan<float>(input, [2, Side, Side, 3]))[1][0].Values);
    }

    [Fact]
    public async Task Features_of_many_at_a_time_are_those_of_one_after_the_other()
    {
        using var extractor = new FeatureExtractor(_classifier.Model, [FeatureRequest.Parse("pyramid", _classifier.Model.Model.Network)], FeatureView.Full);
        float[][] alone = [.. _images.Select(image => extractor.Extract(image)[0][0][0].Values)];
        FeatureArray[][][][] together = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => extractor.ExtractAsync([_folder[$"{i % _images.Length}.png"]])));
        for (int i = 0; i < together.Length; i++) Assert.Equal(alone[i % _images.Length], together[i][0][0][0].Values);
    }

    private long PassBytes(RgbImage image)
    {
        using var passes = InferencePass.CacheOf(_classifier.Model.Model.Network);
        Shape input = InputOf(image);
        InferencePass pass = passes.Rent(input);
        try
        {
            return pass.Bytes;
        }
        finally
        {
            passes.Return(input, pass);
        }
    }

    private Shape InputOf(RgbImage image)
    {
        PreparedImage prepared = _classifier.Prepare(image);
        return new Shape(1, prepared.Height, prepared.Width, 3);
    }

    // As from a network: neither length nor position.
    private sealed class ForwardStream(byte[] content, Action? reading = null) : Stream
    {
        private int _at;

        public int Reads { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Reads++;
            reading?.Invoke();
            int read = Math.Min(Math.Min(count, 100), content.Length - _at);
            content.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
