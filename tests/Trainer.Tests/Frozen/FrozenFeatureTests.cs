using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Frozen;

/// <summary>Training on what frozen layers give of fixed views: the rows are the network's own, and a cache changes the time alone.</summary>
public sealed class FrozenFeatureTests : IDisposable
{
    private static readonly ImageDataset Train = TinyRun.Images(21), Validation = TinyRun.Images(10, seed: 2);

    // The pyramid is the last of the layers that stay: 30 numbers a view.
    private static readonly TrainerOptions Options = TinyRun.Options with { FrozenLayers = ["0", "1"], FixedViews = 3, Augmentation = AugmentationOptions.None, EvaluationView = EvaluationView.Full };

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = TinyRun.Backend();
    private readonly WarningList _warnings = new();

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Rows_AreWhatTheWholeNetworkComputesOfTheViews()
    {
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        using LayerTuning tuned = LayerTuning.Apply(model.Network, Options with { FrozenLayers = ["0", "1"] });
        FrozenStem stem = FrozenStem.Of(model)!;
        Assert.Equal(["0", "1", "2", "3", "4"], stem.Stem.Children.Select(layer => layer.Name));
        var preparation = new InputPreparation { MinSide = 18, CropSize = 16, Normalisation = InputNormalisation.Constant(100, 7) };
        var images = new PreparedImages(Train, preparation);
        using var features = new FrozenFeatures(stem, images, preparation, null, long.MaxValue, threads: 2);
        FixedView[] views = [.. FixedView.Of(FixedView.Most, 12, preparation, takesAnySize: true)];
        Assert.Equal(12, views.Distinct().Count());
        // 12 of 16 pixels of the crop: whole images shrink from 18 to 13.5.
        Assert.Equal([new FixedView(14, null, false), new FixedView(14, null, true), new FixedView(12, CropPosition.Centre, false), new FixedView(12, CropPosition.Centre, true)], views[..4]);
        Assert.Equal(new FixedView(16, CropPosition.Centre, false), FixedView.Of(1, 16, preparation, takesAnySize: false).Single());

        float[][] rows = [.. features.Rows(views.Select(view => (3, view)), default).Select(row => row!)];
        RgbImage image = images.Find(3)!;
        using NetworkPass crop = model.Network.Plan(new Shape(1, 12, 12, 3), PassMode.Inference, stem.Stem);
        var input = new float[12 * 12 * 3];
        preparation.WriteCrop(image, CropPosition.TopRight, flip: true, 12, input);
        crop.Input.Upload(input);
        crop.Forward();
        Assert.Equal(crop.Output.ToArray(), rows[7]);
        Assert.Equal(rows.Length, rows.Select(row => string.Join(' ', row)).Distinct().Count());
        RgbImage small = (preparation with { MinSide = 14, CropSize = 14 }).ResizeMinSide(image);
        using NetworkPass whole = model.Network.Plan(new Shape(1, small.Height, small.Width, 3), PassMode.Inference, stem.Stem);
        input = new float[small.Pixels.Length];
        preparation.WriteFull(small, flip: true, input);
        whole.Input.Upload(input);
        whole.Forward();
        Assert.Equal(whole.Output.ToArray(), rows[1]);
    }

    [Theory]
    [InlineData(EvaluationView.Full)]
    [InlineData(EvaluationView.Crop)]
    public void Evaluation_GivesTheNumbersOfTheWholeNetwork(EvaluationView view)
    {
        using var trained = new TrainedModel(TinyRun.Model(_backend, batchNorm: true), new InputPreparation { MinSide = 20, CropSize = 16, Normalisation = InputNormalisation.Constant(100, 7) }, 12);
        using LayerTuning tuned = LayerTuning.Apply(trained.Model.Network, Options);
        var options = new EvaluatorOptions { BatchSize = 4 };
        using var evaluator = new Evaluator(trained, options);
        using var frozen = new FrozenView(trained, FrozenStem.Of(trained.Model)!, Validation, view, options, null, null);
        EvaluationResult expected = evaluator.Evaluate(Validation, view);
        foreach (EvaluationResult actual in (EvaluationResult[])[evaluator.Evaluate(Validation, frozen), evaluator.Evaluate(Validation, frozen)])
        {
            Assert.Equal((expected.View, expected.Images, expected.Top1), (actual.View, actual.Images, actual.Top1));
            foreach ((SamplePrediction one, SamplePrediction other) in expected.Predictions.Zip(actual.Predictions))
            {
                Assert.Equal((one.Sample, one.Label, one.Predicted), (other.Sample, other.Label, other.Predicted));
                Assert.Equal(one.Loss, other.Loss, 1e-6);
            }
        }
    }

    [Fact]
    public void EvaluationOfATrainedModel_TakesItsFeaturesFromTheCache()
    {
        Run("run", Cache());
        using TrainedModel trained = TrainedModel.Load(Path.Combine(_folder["run"], RunFolder.BestName), _backend);
        using var evaluator = new Evaluator(trained);
        using var cached = new Evaluator(trained, features: Cache());
        foreach (EvaluationView view in (EvaluationView[])[EvaluationView.Full, EvaluationView.Crop])
        {
            EvaluationResult expected = evaluator.Evaluate(Validation, view), actual = cached.Evaluate(Validation, view), again = cached.Evaluate(Validation, view);
            Assert.Equal((expected.View, expected.Images, expected.Top1), (actual.View, actual.Images, actual.Top1));
            Assert.Equal(expected.Loss, actual.Loss, 1e-6);
            Assert.Equal(actual.Loss, again.Loss);
            // Whole images were seen in training, crops are new.
            Assert.Equal(view == EvaluationView.Full ? 73 : 83, Files().Length);
        }
        // A cache of wrong numbers, whose checksums are right, shows that they are read.
        foreach (string file in Files()) Cache().Write(Convert.FromHexString(Path.GetFileNameWithoutExtension(file)), new float[30]);
        Assert.Single(cached.Evaluate(Validation).Predictions.Select(prediction => prediction.Predicted).Distinct());
    }

    [Fact]
    public void Cache_ChangesNoBitAndIsFoundByOtherRuns()
    {
        // 21 images in the first three views (an epoch at 16, 12, 16 pixels: another one each time), and 10 to measure on.
        (byte[] plain, TrainingProgress none) = Run("plain", null);
        (byte[] cold, TrainingProgress first) = Run("cold", Cache());
        (byte[] warm, TrainingProgress second) = Run("warm", Cache(), threads: 3);
        Assert.Equal(((73, 73, 0), (73, 73, 0), (73, 73, 73)), (Count(none), Count(first), Count(second)));
        Assert.Equal(plain, cold);
        Assert.Equal(plain, warm);
        // What memory does not hold is read again, or computed again.
        Assert.Equal(plain, Run("small", Cache(), options: Options with { CacheBytes = 300 }).Weights);
        Assert.Equal(plain, Run("none", null, options: Options with { CacheBytes = 0 }).Weights);
        Assert.Equal(73, Files().Length);
        Assert.Empty(_warnings.Lines);

        // Other weights in front, another view and other pixels are other rows; a renamed image is the same.
        Assert.Equal(0, Run("seed", Cache(), modelSeed: 9).Features.FromCache);
        // At 16 pixels two thirds of the images were seen whole.
        Assert.Equal(14 + 10, Run("one", Cache(), options: Options with { FixedViews = 1, Epochs = 1 }).Features.FromCache);
        Assert.Equal(0, Run("grey", Cache(), options: Options with { FixedViews = 1, Epochs = 1 }, normalisation: InputNormalisation.Constant(90)).Features.FromCache);
    }

    [Fact]
    public void DamagedAndSwappedFiles_AreComputedAgain()
    {
        (byte[] expected, _) = Run("cold", Cache());
        string[] files = Files();
        byte[] one = File.ReadAllBytes(files[0]), other = File.ReadAllBytes(files[1]);
        File.WriteAllBytes(files[0], other);
        File.WriteAllBytes(files[1], one[..^3]);
        File.WriteAllBytes(files[2], []);
        one[40] ^= 1;
        File.WriteAllBytes(files[3], one);
        (byte[] weights, TrainingProgress features) = Run("warm", Cache());
        Assert.Equal(expected, weights);
        Assert.Equal(73 - 4, features.FromCache);
        Assert.Equal(4, _warnings.Lines.Count(line => line.Contains("damaged", StringComparison.Ordinal)));
        Assert.Equal(73, Run("again", Cache()).Features.FromCache);
    }

    [Fact]
    public void FolderThatCannotBeUsed_IsToldOnceAndCostsNoBit()
    {
        (byte[] expected, _) = Run("plain", null);
        File.WriteAllText(_folder["cache"], "");
        Assert.Equal(expected, Run("file", Cache()).Weights);
        Assert.Single(_warnings.Lines);
        File.Delete(_folder["cache"]);
        FeatureCache vanished = Cache();
        Assert.Null(vanished.Read(new byte[32]));
        Directory.Delete(_folder["cache"]);
        Assert.Equal(expected, Run("vanished", vanished).Weights);
        Assert.Equal(2, _warnings.Lines.Count);
        Assert.Contains("cannot be kept", _warnings.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void TwoRunsAtOnce_ShareAFolder()
    {
        byte[] expected = Run("alone", null).Weights;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, run => Assert.Equal(expected, Run($"run{run}", new FeatureCache(_folder["cache"])).Weights));
        Assert.Equal(73, Run("after", Cache()).Features.FromCache);
    }

    [Fact]
    public void InterruptedRun_EndsWithTheSameBits()
    {
        Run("whole", null);
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        foreach (Func<TrainingProgress, bool> at in (Func<TrainingProgress, bool>[])[p => p is { Phase: TrainingPhase.Features, Step: 30 }, p => p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 2 }])
        {
            using var cancel = new CancellationTokenSource();
            var stop = new ProgressList(p =>
            {
                if (at(p)) cancel.Cancel();
            });
            var trainer = new Trainer(model, Options, null, stop) { Features = Cache() };
            RunResult run = Directory.Exists(_folder["cut"]) ? trainer.Resume(Train, Validation, _folder["cut"], cancel.Token) : trainer.Fit(Train, Validation, _folder["cut"], cancellationToken: cancel.Token);
            Assert.Equal(RunOutcome.Interrupted, run.Outcome);
        }
        new Trainer(model, Options).Resume(Train, Validation, _folder["cut"]);
        Assert.Equal(Running.ResumeTests.Tensors(_folder["whole"], RunFolder.LastName), Running.ResumeTests.Tensors(_folder["cut"], RunFolder.LastName));
    }

    [Fact]
    public void ImagesThatCannotBeDecoded_AreReplacedAndTold()
    {
        var images = new MemoryImages([.. Enumerable.Range(0, 20).Select(i => i == 7 ? new RgbImage(1, 40) : Train.Load(i))]);
        var data = new ImageDataset("odd", TinyRun.Classes, images, Train.Samples.Take(20));
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        RunResult run = new Trainer(model, Options).Fit(data, data, _folder["run"]);
        Assert.Equal([Train.Samples[7].Name], run.Undecodable);
        Assert.All(run.Epochs, epoch => Assert.True(double.IsFinite(epoch.TrainLoss)));
        Assert.Throws<UndecodableImagesException>(() => new Trainer(model, Options with { MaxUndecodableShare = 0 }).Fit(data, Validation, _folder["strict"]));
    }

    [Fact]
    public void OptionsThatCannotWork_AreRefused()
    {
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        foreach (TrainerOptions options in (TrainerOptions[])[
            Options with { FrozenLayers = [] }, Options with { FrozenLayers = ["6"] }, Options with { Augmentation = AugmentationOptions.Paper }, Options with { FixedViews = 13 }, Options with { FixedViews = -1 }])
            Assert.Equal(nameof(options.FixedViews), Assert.Throws<OptionsException>(() => new Trainer(model, options).Check(Train, Validation)).Option);
    }

    private static (int, int, int) Count(TrainingProgress features) => (features.Step, features.Steps, features.FromCache);

    private FeatureCache Cache() => new(_folder["cache"], logger: _warnings);

    private string[] Files() => [.. Directory.GetFiles(_folder["cache"]).Order(StringComparer.Ordinal)];

    private (byte[] Weights, TrainingProgress Features) Run(string name, FeatureCache? cache, int threads = 1, TrainerOptions? options = null, ulong modelSeed = 3, InputNormalisation? normalisation = null)
    {
        using CpuBackend backend = TinyRun.Backend(threads);
        using Model model = TinyRun.Model(backend, batchNorm: true, seed: modelSeed);
        var progress = new ProgressList();
        new Trainer(model, options ?? Options, null, progress) { Features = cache, InputNormalisation = normalisation }.Fit(Train, Validation, _folder[name]);
        return (File.ReadAllBytes(Path.Combine(_folder[name], RunFolder.LastName)), progress.Reports.Last(report => report.Phase == TrainingPhase.Features));
    }
}
