using System.Security.Cryptography;

namespace IlgpuSpp.Training.Tests.Running;

/// <summary>Where the time of a run goes, on a clock that the test moves.</summary>
public class ClockTests : RunTest
{
    [Fact]
    public void The_columns_of_the_table_add_up_to_the_run()
    {
        using Model model = TinyRun.Model(_backend);
        var time = new ManualTime();
        RunResult run = new Trainer(model, TinyRun.Options with { EvaluateEvery = 2 }, progress: time) { Time = time }.Fit(Train, Validation, _folder["run"]);

        // 45 images decoded at 1 s; 6 steps an epoch at 2 s, the last reported before the epoch ends; two reports of every
        // evaluation (at its start, after 8 and after 15 images make three) at 10 s; an end of an epoch at 100 s.
        IReadOnlyList<EpochMetrics> table = new RunFolder(_folder["run"]).ReadMetrics();
        Assert.Equal([12, 12, 12], table.Select(e => e.TrainSeconds));
        Assert.Equal([0, 30, 30], table.Select(e => e.EvaluationSeconds));
        Assert.Equal([45 + 12, 100 + 12 + 30, 100 + 12 + 30], table.Select(e => e.Seconds));
        Assert.All(table, e => Assert.Equal(45 / 12.0, e.ImagesPerSecond));
        Assert.Equal(table, run.Epochs);
        Assert.Equal(table.Sum(e => e.Seconds), run.TrainingTime.TotalSeconds);

        // The last epoch's end and the report that all is over come after the table was written.
        Assert.Equal(run.TrainingTime.TotalSeconds + 100, run.Elapsed.TotalSeconds);
    }

    [Fact]
    public void A_resumed_run_knows_the_time_before()
    {
        using var cancel = new CancellationTokenSource();
        var time = new ManualTime(p =>
        {
            if (p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 4 }) cancel.Cancel();
        });
        using (Model model = TinyRun.Model(_backend))
        {
            RunResult first = new Trainer(model, TinyRun.Options, progress: time) { Time = time }.Fit(Train, Validation, _folder["run"], cancellationToken: cancel.Token);
            Assert.Equal((45 + 12 + 30) + (100 + 8), first.TrainingTime.TotalSeconds);
        }
        time = new ManualTime();
        using Model again = TinyRun.Model(_backend);
        RunResult run = new Trainer(again, TinyRun.Options, progress: time) { Time = time }.Resume(Train, Validation, _folder["run"]);
        Assert.Equal([12, 12, 12], run.Epochs.Select(e => e.TrainSeconds));
        Assert.Equal([45 + 12 + 30, 100 + 12 + 30, 100 + 12 + 30], run.Epochs.Select(e => e.Seconds));
        Assert.All(run.Epochs, e => Assert.Equal(45 / 12.0, e.ImagesPerSecond));
        Assert.Equal(run.Epochs.Sum(e => e.Seconds), run.TrainingTime.TotalSeconds);
        Assert.Equal(run.Epochs, new RunFolder(_folder["run"]).ReadMetrics());
    }

    [Fact]
    public void Without_its_table_a_run_goes_on_and_says_that_times_are_lost()
    {
        using Model model = TinyRun.Model(_backend);
        new Trainer(model, TinyRun.Options with { Epochs = 1 }).Fit(Train, Validation, _folder["run"]);
        File.WriteAllText(new RunFolder(_folder["run"]).MetricsFile, "epoch,size\none,two\n");
        RunResult run = new Trainer(model, TinyRun.Options with { Epochs = 2 }).Resume(Train, Validation, _folder["run"]);
        Assert.Equal(0, run.Epochs[0].Seconds);
        Assert.True(run.Epochs[1].Seconds > 0);
        Assert.Equal(run.Epochs, new RunFolder(_folder["run"]).ReadMetrics());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Equal_runs_leave_equal_files(int threads)
    {
        foreach (string name in (string[])["one", "two"])
        {
            using CpuBackend backend = TinyRun.Backend(name == "one" ? 1 : threads);
            using Model model = TinyRun.Model(backend, batchNorm: true);
            new Trainer(model, TinyRun.Options with { EmaDecay = 0.9 }).Fit(Train, Validation, _folder[name]);
        }

        // And one that was interrupted inside an epoch and resumed.
        using (CpuBackend backend = TinyRun.Backend(threads))
        {
            using var cancel = new CancellationTokenSource();
            var progress = new ProgressList(p =>
            {
                if (p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 4 }) cancel.Cancel();
            });
            using Model model = TinyRun.Model(backend, batchNorm: true);
            TrainerOptions options = TinyRun.Options with { EmaDecay = 0.9 };
            new Trainer(model, options, progress: progress).Fit(Train, Validation, _folder["three"], cancellationToken: cancel.Token);
            new Trainer(model, options).Resume(Train, Validation, _folder["three"]);
        }
        foreach (string file in (string[])[RunFolder.BestName, RunFolder.LastName])
        {
            Assert.Equal(Sha256(_folder["one"], file), Sha256(_folder["two"], file));
            Assert.Equal(Sha256(_folder["one"], file), Sha256(_folder["three"], file));
        }
    }

    private static string Sha256(string folder, string name) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, name))));

    /// <summary>Time passes only in reports: 1 s for a decoded image, 2 s for a step, 10 s in an evaluation, 100 s at the end of an epoch.</summary>
    private sealed class ManualTime(Action<TrainingProgress>? onReport = null) : TimeProvider, IProgress<TrainingProgress>
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Read(ref _seconds);

        public void Report(TrainingProgress value)
        {
            Interlocked.Add(ref _seconds, value.Phase switch
            {
                TrainingPhase.Decoding => 1,
                TrainingPhase.Training => 2,
                TrainingPhase.Evaluating => 10,
                TrainingPhase.EpochEnd => 100,
                _ => 0,
            });
            onReport?.Invoke(value);
        }
    }
}
