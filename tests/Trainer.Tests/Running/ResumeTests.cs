namespace IlgpuSpp.Training.Tests.Running;

public class ResumeTests : RunTest
{
    public static TheoryData<int, int, OptimiserKind, bool> Interruptions => new()
    {
        // threads, update after which it is cancelled (45 images in batches of 8: 6 updates an epoch), optimiser, batch norm
        { 1, 2, OptimiserKind.Sgd, false },
        { 2, 8, OptimiserKind.Nesterov, false },
        { 3, 6, OptimiserKind.AdamW, false },
        { 2, 9, OptimiserKind.Sgd, true },
        { 3, 12, OptimiserKind.AdamW, true },
    };

    [Theory]
    [MemberData(nameof(Interruptions))]
    public void A_resumed_run_ends_with_the_same_bits(int threads, int update, OptimiserKind optimiser, bool batchNorm)
    {
        TrainerOptions options = TinyRun.Options with
        {
            Optimiser = optimiser,
            LearningRate = optimiser == OptimiserKind.AdamW ? 0.003 : 0.05,
            EmaDecay = 0.9,
            ClipNorm = 1,
            LabelSmoothing = 0.1,
            WarmupEpochs = 0.5,
            // With batch normalisation, images are mixed and changed in all other ways as well.
            Augmentation = batchNorm ? AugmentationOptions.Paper with { RandAugmentOperations = 2, ErasingProbability = 0.5, Mixup = 0.2, CutMix = 1 } : AugmentationOptions.Paper,
        };
        (float[] whole, RunResult wholeRun) = RunWhole(options, _folder["whole"], threads: 1, batchNorm);
        (float[] resumed, RunResult resumedRun) = RunInterrupted(options, _folder["resumed"], threads, update, batchNorm);

        Assert.Equal(whole, resumed);
        Assert.Equal(wholeRun.Best, resumedRun.Best);
        Assert.Equal(wholeRun.Epochs.Select(Numbers), resumedRun.Epochs.Select(Numbers));
        Assert.Equal(18, resumedRun.Updates);
        Assert.Equal(Tensors(_folder["whole"], RunFolder.LastName), Tensors(_folder["resumed"], RunFolder.LastName));
        Assert.Equal(Tensors(_folder["whole"], RunFolder.BestName), Tensors(_folder["resumed"], RunFolder.BestName));
    }

    [Fact]
    public void A_resumed_run_keeps_its_frozen_layers_and_rates()
    {
        TrainerOptions options = TinyRun.Options with { FrozenLayers = ["0"], LayerRates = [new LayerRate("6", 3)] };
        (float[] whole, _) = RunWhole(options, _folder["whole"], threads: 1, batchNorm: true);
        (float[] resumed, _) = RunInterrupted(options, _folder["resumed"], threads: 2, update: 8, batchNorm: true);
        (float[] free, _) = RunWhole(TinyRun.Options, _folder["free"], threads: 1, batchNorm: true);
        Assert.Equal(whole, resumed);
        Assert.NotEqual(free, resumed);
    }

    [Fact]
    public void A_run_interrupted_in_the_evaluation_repeats_only_that()
    {
        (float[] whole, _) = RunWhole(TinyRun.Options, _folder["whole"], threads: 1, batchNorm: false);

        using var cancel = new CancellationTokenSource();
        var progress = new ProgressList(p =>
        {
            if (p is { Phase: TrainingPhase.Evaluating, Epoch: 2 }) cancel.Cancel();
        });
        using (Model model = TinyRun.Model(_backend))
        {
            RunResult run = new Trainer(model, TinyRun.Options, progress: progress).Fit(Train, Validation, _folder["run"], cancellationToken: cancel.Token);
            Assert.Equal(RunOutcome.Interrupted, run.Outcome);
            Assert.Single(run.Epochs);
            Assert.Equal(12, run.Updates);
        }
        using Model again = TinyRun.Model(_backend, seed: 99);
        RunResult resumed = new Trainer(again, TinyRun.Options).Resume(Train, Validation, _folder["run"]);
        Assert.Equal(RunOutcome.Completed, resumed.Outcome);
        Assert.Equal(3, resumed.Epochs.Count);
        Assert.Equal(whole, TinyRun.Weights(again));
    }

    [Fact]
    public void A_complete_run_can_be_lengthened_and_equals_the_longer_run()
    {
        (float[] whole, _) = RunWhole(TinyRun.Options with { Epochs = 4 }, _folder["whole"], threads: 1, batchNorm: false);
        RunWhole(TinyRun.Options with { Epochs = 2 }, _folder["run"], threads: 1, batchNorm: false);
        using Model model = TinyRun.Model(_backend, seed: 5);
        RunResult run = new Trainer(model, TinyRun.Options with { Epochs = 4 }).Resume(Train, Validation, _folder["run"]);
        Assert.Equal([1, 2, 3, 4], run.Epochs.Select(e => e.Epoch));
        Assert.Equal(whole, TinyRun.Weights(model));
        Assert.Equal([1, 2, 3, 4], new RunFolder(_folder["run"]).ReadMetrics().Select(e => e.Epoch));
    }

    [Fact]
    public void A_checkpoint_inside_an_epoch_is_enough_to_go_on_after_a_kill()
    {
        TrainerOptions options = TinyRun.Options with { CheckpointEverySteps = 4 };
        (float[] whole, _) = RunWhole(options, _folder["whole"], threads: 1, batchNorm: false);

        using (Model model = TinyRun.Model(_backend))
        {
            // An exception of the caller's is the nearest thing to a kill inside a process: nothing is saved on the way out.
            var progress = new ProgressList(p =>
            {
                if (p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 5 }) throw new TimeoutException();
            });
            Assert.Throws<TimeoutException>(() => new Trainer(model, options, progress: progress).Fit(Train, Validation, _folder["run"]));
        }
        RunState state = Checkpoint.ReadState(new RunFolder(_folder["run"]).LastFile);
        Assert.Equal((1, 2, 8L), (state.Epoch, state.Batch, state.Updates));

        using Model again = TinyRun.Model(_backend, seed: 99);
        new Trainer(again, options).Resume(Train, Validation, _folder["run"]);
        Assert.Equal(whole, TinyRun.Weights(again));
    }

    [Fact]
    public void Resuming_refuses_other_options_other_data_and_other_networks()
    {
        RunWhole(TinyRun.Options with { Epochs = 1 }, _folder["run"], threads: 1, batchNorm: false);
        using Model model = TinyRun.Model(_backend);

        var options = Assert.Throws<OptionsException>(() => new Trainer(model, TinyRun.Options with { LearningRate = 0.1 }).Resume(Train, Validation, _folder["run"]));
        Assert.Equal("LearningRate", options.Option);
        Assert.Contains("is 0.1, but the run was started with 0.05", options.Message, StringComparison.Ordinal);

        using var exact = new CpuBackend(new CpuOptions { Threads = 1, DeterministicExact = true });
        using Model exactModel = TinyRun.Model(exact);
        options = Assert.Throws<OptionsException>(() => new Trainer(exactModel, TinyRun.Options).Resume(Train, Validation, _folder["run"]));
        Assert.Equal("DeterministicExact is true, but the run was started with false; resume it with that or start a new run.", options.Message);

        Assert.Throws<DatasetException>(() => new Trainer(model, TinyRun.Options).Resume(Train, TinyRun.Images(15, seed: 8), _folder["run"]));
        Assert.Throws<RunFolderException>(() => new Trainer(model, TinyRun.Options).Resume(Train, Validation, _folder["nothing"]));

        using var other = new Model(model.Description with { Architecture = "other" }, TinyRun.Layers(), _backend, 1);
        float[] before = TinyRun.Weights(other);
        Assert.Throws<Engine.ModelFormatException>(() => new Trainer(other, TinyRun.Options).Resume(Train, Validation, _folder["run"]));
        Assert.Equal(before, TinyRun.Weights(other));
    }

    private static (float[] Weights, RunResult Run) RunWhole(TrainerOptions options, string folder, int threads, bool batchNorm)
    {
        using CpuBackend backend = TinyRun.Backend(threads);
        using Model model = TinyRun.Model(backend, batchNorm);
        RunResult run = new Trainer(model, options).Fit(Train, Validation, folder);
        Assert.Equal(RunOutcome.Completed, run.Outcome);
        return (TinyRun.Weights(model), run);
    }

    private static (float[] Weights, RunResult Run) RunInterrupted(TrainerOptions options, string folder, int threads, int update, bool batchNorm)
    {
        using CpuBackend backend = TinyRun.Backend(threads);
        using (Model model = TinyRun.Model(backend, batchNorm))
        {
            using var cancel = new CancellationTokenSource();
            var progress = new ProgressList(p =>
            {
                if (p.Phase == TrainingPhase.Training && (p.Epoch - 1) * 6 + p.Step == update) cancel.Cancel();
            });
            RunResult first = new Trainer(model, options with { LoaderThreads = threads }, progress: progress).Fit(Train, Validation, folder, cancellationToken: cancel.Token);
            Assert.Equal(RunOutcome.Interrupted, first.Outcome);
            Assert.Equal(update, first.Updates);
        }
        using Model again = TinyRun.Model(backend, batchNorm, seed: 12345);
        RunResult run = new Trainer(again, options).Resume(Train, Validation, folder);
        Assert.Equal(RunOutcome.Completed, run.Outcome);
        return (TinyRun.Weights(again), run);
    }

    private static (int, int, double, double, double, double?, double?, double?) Numbers(EpochMetrics m) =>
        (m.Epoch, m.Size, m.LearningRate, m.TrainLoss, m.TrainTop1, m.ValidationLoss, m.ValidationTop1, m.ValidationTop5);

    internal static Dictionary<string, float[]> Tensors(string folder, string name)
    {
        using var file = Engine.SafetensorsFile.Open(Path.Combine(folder, name));
        return file.Names.ToDictionary(n => n, n =>
        {
            var values = new float[file.Shape(n).Aggregate(1, (a, b) => a * b)];
            file.ReadFloats(n, values);
            return values;
        });
    }
}
