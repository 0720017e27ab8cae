using IlgpuSpp.Distributed;
using IlgpuSpp.Training.Distributed;

namespace IlgpuSpp.Training.Tests.Distributed;

/// <summary>Runs shared by ranks that are threads: the same bits on any number of them, and the gradient of the plain step.</summary>
public class DistributedTrainingTests : RunTest
{
    private static readonly TrainerOptions Options = TinyRun.Options with { Shards = 8, BatchSize = 16, Augmentation = AugmentationOptions.Paper };

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void One_seed_gives_the_same_files_on_any_number_of_ranks(bool batchNorm, int accumulation)
    {
        TrainerOptions options = Options with
        {
            GradientAccumulation = accumulation,
            Augmentation = accumulation == 1 ? AugmentationOptions.Paper : AugmentationOptions.Paper with { RandAugmentOperations = 2, ErasingProbability = 0.5, Mixup = 0.2, CutMix = 1 },
        };
        byte[] one = Fit(1, options, batchNorm);
        foreach (int ranks in (int[])[2, 3, 4, 8]) Assert.True(one.SequenceEqual(Fit(ranks, options, batchNorm)), $"{ranks} ranks");
    }

    [Fact]
    public void A_run_stopped_by_one_rank_of_four_goes_on_with_two_to_the_same_bits()
    {
        byte[] whole = Fit(1, Options, batchNorm: true);
        string folder = _folder["stopped"];
        using var cancel = new CancellationTokenSource();
        RunOutcome[] outcomes = ShardTreeTests.Ranked(4, (rank, own) =>
        {
            using CpuBackend backend = TinyRun.Backend();
            using Model model = TinyRun.Model(backend, batchNorm: true);
            // Rank 2 alone is asked, in the middle of the second epoch.
            var progress = new ProgressList(p =>
            {
                if (rank == 2 && p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 1 }) cancel.Cancel();
            });
            return new Trainer(model, Options, progress: progress) { Ranks = own }.Fit(Train, Validation, folder, cancellationToken: rank == 2 ? cancel.Token : default).Outcome;
        });
        Assert.All(outcomes, outcome => Assert.Equal(RunOutcome.Interrupted, outcome));
        ShardTreeTests.Ranked(2, (_, own) =>
        {
            using CpuBackend backend = TinyRun.Backend(threads: 2);
            using Model model = TinyRun.Model(backend, batchNorm: true, seed: 11);
            return new Trainer(model, Options) { Ranks = own }.Resume(Train, Validation, folder).Outcome;
        });
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(folder, RunFolder.LastName)));
    }

    [Fact]
    public void The_gradient_and_the_totals_are_those_of_the_plain_step()
    {
        TrainerOptions options = Options with { BatchSize = 24, Augmentation = AugmentationOptions.None };
        using Model plain = TinyRun.Model(_backend, dropout: 0), sharded = TinyRun.Model(_backend, dropout: 0);
        plain.Network.PrepareTraining();
        sharded.Network.PrepareTraining();
        var images = new PreparedImages(Train, new InputPreparation { MinSide = 18, CropSize = 16, Normalisation = InputNormalisation.Constant() }, 1 << 20);
        using var loader = new BatchLoader(images, new CropView(images.Preparation), new LoaderOptions { BatchSize = 24, Shuffle = false });
        var loss = new TrainingLoss(plain.Classes);
        foreach (Batch batch in loader.Epoch(0, 16))
        {
            // 45 images: the second batch has 21, the last shard none.
            using var whole = new TrainingPass(plain.Network, batch.Shape);
            whole.Run(batch, 0, batch.Size, loss, 1f / 24, default);
            var read = new StepTotals[TrainingPass.PendingSteps];
            whole.Read(read);

            var passes = new Dictionary<Shape, TrainingPass>();
            var step = new ShardedStep(sharded.Network, options, Train.Count, new SingleProcess());
            StepTotals totals = step.Run(batch, shape => passes.TryGetValue(shape, out TrainingPass? pass) ? pass : passes[shape] = new TrainingPass(sharded.Network, shape), loss, 1f / 24, 0, stop: false);
            step.WriteGradients();

            Assert.Equal((read[0].Images, read[0].Correct), (totals.Images, totals.Correct));
            Assert.Equal(read[0].Loss, totals.Loss, tolerance: 1e-4);
            foreach ((Parameter expected, Parameter actual) in plain.Network.Parameters.Zip(sharded.Network.Parameters))
            {
                float[] a = expected.Gradient.ToArray(), b = actual.Gradient.ToArray();
                float largest = a.Max(Math.Abs);
                Assert.True(largest > 0);
                Assert.All(a.Zip(b), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-5f * largest));
                _backend.Fill(expected.Gradient, 0);
                _backend.Fill(actual.Gradient, 0);
            }
            foreach (TrainingPass pass in passes.Values) pass.Dispose();
        }
    }

    [Fact]
    public void Running_statistics_move_by_the_mean_of_the_shards()
    {
        // One convolution-free network: the statistics of a shard are those of its pixels.
        using var network = new Network(new Sequential(new BatchNorm(3), new Flatten(), new Linear(3, 2)), _backend, seed: 1);
        network.PrepareTraining();
        float[] pixels = [.. Enumerable.Range(0, 6 * 3).Select(i => (float)Math.Sin(i))];
        var batch = new Batch();
        batch.Begin(0, 0, new Shape(6, 1, 1, 3));
        for (int row = 0; row < 6; row++)
        {
            pixels.AsSpan(row * 3, 3).CopyTo(batch.ImageRow(row));
            batch.SetRow(row, row % 2, row);
        }

        // 6 images, 3 rows a shard of a batch of 9 would have been the third shard's: it has none.
        var step = new ShardedStep(network, new TrainerOptions { BatchSize = 12, Shards = 3 }, images: 6, new SingleProcess());
        var passes = new Dictionary<Shape, TrainingPass>();
        step.Run(batch, shape => passes.TryGetValue(shape, out TrainingPass? pass) ? pass : passes[shape] = new TrainingPass(network, shape), new TrainingLoss(2), 1, 0, stop: false);
        float[] mean = network.Parameters.Single(p => p.Name == "running_mean").Value.ToArray();
        for (int c = 0; c < 3; c++)
        {
            double first = Enumerable.Range(0, 4).Average(row => (double)pixels[row * 3 + c]), second = Enumerable.Range(4, 2).Average(row => (double)pixels[row * 3 + c]);
            Assert.Equal(0.1 * (first * 1 + second * 0.5) / 1.5, mean[c], tolerance: 1e-6);
        }
        foreach (TrainingPass pass in passes.Values) pass.Dispose();
    }

    [Fact]
    public void Ranks_that_differ_are_refused_by_name()
    {
        Assert.Contains("rank 1 on", Refusal(rank => Options with { LearningRate = rank == 1 ? 0.02 : 0.01 }, _ => Train), StringComparison.Ordinal);
        Assert.Contains("in the data", Refusal(_ => Options, rank => rank == 1 ? TinyRun.Images(45, seed: 5) : Train), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["refused"]));

        string Refusal(Func<int, TrainerOptions> options, Func<int, ImageDataset> data) => Assert.Throws<DistributedException>(() => ShardTreeTests.Ranked(2, (rank, own) =>
        {
            using CpuBackend backend = TinyRun.Backend();
            using Model model = TinyRun.Model(backend);
            return new Trainer(model, options(rank)) { Ranks = own }.Fit(data(rank), Validation, _folder["refused"]);
        })).Message;
    }

    [Fact]
    public void Shards_must_divide_the_batch_and_be_enough_for_the_ranks()
    {
        Assert.Contains("must divide the batch of 16", Assert.Throws<OptionsException>(() => (Options with { Shards = 5 }).Validate()).Message, StringComparison.Ordinal);
        using Model model = TinyRun.Model(_backend);
        ICollective[] ranks = ThreadedCollective.Create(9);
        Assert.Contains("at least the number of processes, 9", Assert.Throws<OptionsException>(() => new Trainer(model, Options) { Ranks = ranks[0] }.Check(Train, Validation)).Message, StringComparison.Ordinal);
    }

    private byte[] Fit(int ranks, TrainerOptions options, bool batchNorm)
    {
        string folder = _folder[$"{ranks}-{batchNorm}-{options.GradientAccumulation}"];
        ShardTreeTests.Ranked(ranks, (_, own) =>
        {
            using CpuBackend backend = TinyRun.Backend();
            using Model model = TinyRun.Model(backend, batchNorm);
            return new Trainer(model, options) { Ranks = own }.Fit(Train, Validation, folder).Outcome;
        });
        return File.ReadAllBytes(Path.Combine(folder, RunFolder.LastName));
    }
}
