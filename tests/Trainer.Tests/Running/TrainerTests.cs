using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Running;

public class TrainerTests : RunTest
{
    [Fact]
    public void A_run_learns_and_leaves_its_folder()
    {
        using CpuBackend backend = TinyRun.Backend(2);
        using Model model = TinyRun.Model(backend, dropout: 0);
        var progress = new ProgressList();
        RunResult run = new Trainer(model, TinyRun.Options with { Epochs = 12 }, progress: progress) { Notes = TinyNotes }.Fit(Train, Validation, _folder["run"]);

        Assert.Equal(RunOutcome.Completed, run.Outcome);
        Assert.True(run.Best.Top1 >= 0.9, $"only {run.Best.Top1:P0} right");
        Assert.Equal(run.Epochs.Max(e => e.ValidationTop1), run.Best.Top1);
        Assert.Equal(72, run.Updates);

        var files = new RunFolder(_folder["run"]);
        Assert.Equal(run.Epochs, files.ReadMetrics());
        Assert.StartsWith("epoch,size,lr,train_loss,train_top1,val_loss,val_top1,val_top5,images_per_second,train_seconds,eval_seconds,seconds\n1,16,0.05,", File.ReadAllText(files.MetricsFile), StringComparison.Ordinal);
        RunConfiguration configuration = RunConfiguration.Load(_folder["run"]);
        Assert.Equal(TinyRun.Options with { Epochs = 12 }, configuration.Options);
        Assert.Equal("tiny", configuration.Model.Architecture);
        Assert.Equal(TinyRun.Classes, configuration.Model.ClassNames);
        Assert.Equal((45, 15, 3), (configuration.Data.TrainImages, configuration.Data.ValidationImages, configuration.Data.Classes));
        Assert.Equal("yes", configuration.Notes["note"]);
        Assert.Equal(["best.safetensors", "config.json", "last.safetensors", "metrics.csv"], Directory.GetFiles(_folder["run"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // The best file is the model of the best epoch: measured again, it gives the same numbers.
        using Model fresh = TinyRun.Model(backend, dropout: 0, seed: 77);
        using TrainedModel best = TrainedModel.LoadInto(files.BestFile, fresh);
        using var evaluator = new Evaluator(best, new EvaluatorOptions { BatchSize = 8 });
        EvaluationResult again = evaluator.Evaluate(Validation);
        Assert.Equal((run.Best.Top1, run.Best.Top5, run.Best.Loss), (again.Top1, again.Top5, again.Loss));

        Assert.Equal(TrainingPhase.Preparing, progress.Reports[0].Phase);
        Assert.Equal(TrainingPhase.Finished, progress.Reports[^1].Phase);
        Assert.Equal(run.Epochs, progress.Reports.Where(p => p.Phase == TrainingPhase.EpochEnd).Select(p => p.EpochEnd));
        Assert.Equal(72, progress.Reports.Count(p => p.Phase == TrainingPhase.Training));
        Assert.All(progress.Reports.Where(p => p.Phase == TrainingPhase.Training), p => Assert.True(p.Remaining > TimeSpan.Zero || p is { Epoch: 12, Step: 6 }));
    }

    [Fact]
    public void Multi_size_training_feeds_one_size_an_epoch()
    {
        var recorder = new ShapeRecorder();
        using var model = new Model(new ModelDescription { Architecture = "tiny", Options = new ModelOptions { Classes = 3, Pyramid = [1, 2] } }, new Sequential(recorder, TinyRun.Layers()), _backend, 1);
        RunResult run = new Trainer(model, TinyRun.Options with { Sizes = [16, 12, 14], Epochs = 4 }).Fit(Train, Validation, _folder["run"]);
        Assert.Equal([16, 12, 14, 16], run.Epochs.Select(e => e.Size));
        Assert.Equal(
            ((int[])[16, 12, 14, 16]).SelectMany(size => Enumerable.Repeat(new Shape(8, size, size, 3), 6)),
            recorder.Trained);
    }

    [Fact]
    public void Two_accumulated_batches_of_8_equal_one_of_16()
    {
        TrainerOptions options = TinyRun.Options with { Augmentation = AugmentationOptions.None, ClipNorm = 0.5 };
        float[] Weights(TrainerOptions options, string name)
        {
                using Model model = TinyRun.Model(_backend, dropout: 0);
            RunResult run = new Trainer(model, options).Fit(Train, Validation, _folder[name]);
            Assert.Equal(9, run.Updates); // 45 images: 16 + 16 + 13, or (8 + 8) + (8 + 8) + (8 + 5), three epochs
            return TinyRun.Weights(model);
        }
        float[] whole = Weights(options with { BatchSize = 16 }, "whole"), halves = Weights(options with { BatchSize = 8, GradientAccumulation = 2 }, "halves");
        Assert.Equal(whole, halves, (a, b) => Math.Abs(a - b) < 1e-6 * Math.Max(1, Math.Abs(a)));
        Assert.NotEqual(whole, Weights(options with { BatchSize = 8, GradientAccumulation = 2, Seed = 2 }, "other"));
    }

    [Fact]
    public void A_diverged_run_names_the_step_and_keeps_the_last_good_checkpoint()
    {
        using Model model = TinyRun.Model(_backend);
        Parameter last = model.Network.Parameters[^1];
        var progress = new ProgressList(p =>
        {
            if (p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 3 }) last.Value.Upload([1, float.NaN, 1]);
        });
        var diverged = Assert.Throws<DivergedException>(() => new Trainer(model, TinyRun.Options, progress: progress).Fit(Train, Validation, _folder["run"]));
        Assert.Equal((2, 4), (diverged.Epoch, diverged.Step));
        Assert.False(double.IsFinite(diverged.Loss));
        Assert.Contains("epoch 2, step 4", diverged.Message, StringComparison.Ordinal);
        var files = new RunFolder(_folder["run"]);
        Assert.Equal(files.LastFile, diverged.Checkpoint);
        Assert.Equal((1, 0), (Checkpoint.ReadState(files.LastFile).Epoch, Checkpoint.ReadState(files.LastFile).Batch));

        using Model again = TinyRun.Model(_backend);
        Assert.Equal(RunOutcome.Completed, new Trainer(again, TinyRun.Options).Resume(Train, Validation, _folder["run"]).Outcome);
        Assert.All(TinyRun.Weights(again), w => Assert.True(float.IsFinite(w)));
    }

    [Fact]
    public void Weights_that_the_last_step_of_an_epoch_broke_are_not_saved()
    {
        using Model model = TinyRun.Model(_backend);
        var progress = new ProgressList(p =>
        {
            if (p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 6 }) model.Network.Parameters[^1].Value.Upload([1, float.PositiveInfinity, 1]);
        });
        Assert.Throws<DivergedException>(() => new Trainer(model, TinyRun.Options with { EvaluateEvery = 3 }, progress: progress).Fit(Train, Validation, _folder["run"]));
        using Model again = TinyRun.Model(_backend);
        ModelFile.LoadInto(new RunFolder(_folder["run"]).LastFile, again);
        Assert.All(TinyRun.Weights(again), w => Assert.True(float.IsFinite(w)));
    }

    [Fact]
    public void A_run_without_progress_stops_early()
    {
        using Model model = TinyRun.Model(_backend);
        RunResult run = new Trainer(model, TinyRun.Options with { LearningRate = 1e-12, Epochs = 10, EarlyStoppingPatience = 2 }).Fit(Train, Validation, _folder["run"]);
        Assert.Equal(RunOutcome.StoppedEarly, run.Outcome);
        Assert.Equal(3, run.Epochs.Count);
        Assert.Equal(1, run.Best.Epoch);
    }

    [Fact]
    public void Evaluations_come_as_often_as_asked_and_at_the_end()
    {
        using Model model = TinyRun.Model(_backend);
        RunResult run = new Trainer(model, TinyRun.Options with { Epochs = 5, EvaluateEvery = 2, EvaluationView = EvaluationView.Full }).Fit(Train, Validation, _folder["run"]);
        Assert.Equal([false, true, false, true, true], run.Epochs.Select(e => e.ValidationTop1 is not null));
        Assert.Equal(run.Epochs, new RunFolder(_folder["run"]).ReadMetrics());
    }

    [Fact]
    public void With_an_average_the_best_file_holds_the_averaged_weights()
    {
        using Model model = TinyRun.Model(_backend, batchNorm: true);
        new Trainer(model, TinyRun.Options with { Epochs = 1, EmaDecay = 0.9 }).Fit(Train, Validation, _folder["run"]);
        var files = new RunFolder(_folder["run"]);
        using SafetensorsFile best = SafetensorsFile.Open(files.BestFile), last = SafetensorsFile.Open(files.LastFile);
        foreach (Parameter parameter in model.Network.Parameters)
        {
            float[] average = ModelFile.ReadTensor(last, files.LastFile, parameter, ".average");
            Assert.Equal(average, ModelFile.ReadTensor(best, files.BestFile, parameter));
            Assert.Equal(parameter.Value.ToArray(), ModelFile.ReadTensor(last, files.LastFile, parameter));
            Assert.NotEqual(average, parameter.Value.ToArray());
        }
    }

    [Fact]
    public void Data_that_do_not_fit_the_network_are_refused_before_the_folder_is_made()
    {
        using Model model = TinyRun.Model(_backend);
        var two = new ImageDataset("two", ["a", "b"], Train.Source, Train.Samples.Where(s => s.Label < 2));
        var refused = Assert.Throws<DatasetException>(() => new Trainer(model, TinyRun.Options).Fit(two, two, _folder["run"]));
        Assert.Contains("has 2 classes, but the network has 3 outputs", refused.Message, StringComparison.Ordinal);
        Assert.Throws<DatasetException>(() => new Trainer(model, TinyRun.Options).Fit(Train, Train.Subset([]), _folder["run"]));
        Assert.Throws<InputTooSmallException>(() => new Trainer(model, TinyRun.Options with { Sizes = [16, 1] }).Fit(Train, Validation, _folder["run"]));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void Mean_images_travel_with_the_model()
    {
        using Model model = TinyRun.Model(_backend, dropout: 0);
        TrainerOptions options = TinyRun.Options with { Normalisation = NormalisationMethod.MeanImage, LearningRate = 1e-4, Epochs = 1 };
        RunResult run = new Trainer(model, options).Fit(Train, Validation, _folder["run"]);
        using TrainedModel best = TrainedModel.LoadInto(run.BestModel, TinyRun.Model(_backend, dropout: 0, seed: 77));
        Assert.Equal((16, 16), (best.Preparation.Normalisation.MeanImage!.Width, best.Preparation.Normalisation.MeanImage.Height));
        using var evaluator = new Evaluator(best, new EvaluatorOptions { BatchSize = 8 });
        Assert.Equal(run.Best.Loss, evaluator.Evaluate(Validation).Loss);
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> TinyNotes =>
        System.Collections.Immutable.ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("note", "yes")]);
}
