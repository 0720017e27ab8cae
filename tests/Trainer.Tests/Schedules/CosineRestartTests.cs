namespace IlgpuSpp.Training.Tests.Schedules;

/// <summary>A cosine that begins anew: SGDR's equation 5 in each part, and runs that are lengthened by it.</summary>
public class CosineRestartTests : RunTest
{
    private static readonly TrainerOptions Cosine = TinyRun.Options with { Schedule = ScheduleKind.Cosine, Epochs = 2 };

    [Fact]
    public void The_first_part_is_as_without_a_restart_and_the_second_rises_first()
    {
        var plain = new CosineSchedule(4, warmupEpochs: 0, finalShare: 0.1);
        var again = new CosineSchedule(9, warmupEpochs: 0, finalShare: 0.1, restarts: [4]);
        for (int update = 0; update < 40; update++) Assert.Equal(plain.FactorAt(At(update)), again.FactorAt(At(update)));

        // Ten updates rise over the cosine's highest value, then half a cosine over the forty that are left.
        Assert.Equal([0.1, 0.2, 0.5, 1], ((int[])[40, 41, 44, 49]).Select(update => again.FactorAt(At(update))), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(1, again.FactorAt(At(50)), 12);
        Assert.Equal(0.1 + 0.9 * 0.5, again.FactorAt(At(70)), 12);
        Assert.Equal(0.1 + 0.9 * 0.5 * (1 + Math.Cos(Math.PI * 39 / 40)), again.FactorAt(At(89)), 12);
    }

    [Fact]
    public void A_run_is_extended_and_its_extension_interrupted_to_the_same_bits()
    {
        TrainerOptions longer = Cosine with { Epochs = 4, CosineRestarts = [2] };
        foreach (string name in (string[])["whole", "parts"])
        {
            using Model model = TinyRun.Model(_backend);
            new Trainer(model, Cosine).Fit(Train, Validation, _folder[name]);
        }
        EpochMetrics[] before = [.. new RunFolder(_folder["whole"]).ReadMetrics()];
        using (Model model = TinyRun.Model(_backend, seed: 9)) new Trainer(model, longer).Resume(Train, Validation, _folder["whole"]);
        Assert.Equal(before, new RunFolder(_folder["whole"]).ReadMetrics().Take(2));
        Assert.Equal(4, new RunFolder(_folder["whole"]).ReadMetrics().Count);

        using var cancel = new CancellationTokenSource();
        var progress = new ProgressList(p =>
        {
            if (p is { Phase: TrainingPhase.Training, Epoch: 3, Step: 4 }) cancel.Cancel();
        });
        using (Model model = TinyRun.Model(_backend, seed: 9)) new Trainer(model, longer, progress: progress).Resume(Train, Validation, _folder["parts"], cancel.Token);
        using (Model model = TinyRun.Model(_backend, seed: 10)) new Trainer(model, longer).Resume(Train, Validation, _folder["parts"]);
        Assert.Equal(File.ReadAllBytes(new RunFolder(_folder["whole"]).LastFile), File.ReadAllBytes(new RunFolder(_folder["parts"]).LastFile));
    }

    [Fact]
    public void Other_lengths_of_a_cosine_are_refused()
    {
        using Model model = TinyRun.Model(_backend);
        new Trainer(model, Cosine).Fit(Train, Validation, _folder["run"]);
        foreach (TrainerOptions other in (TrainerOptions[])[Cosine with { Epochs = 4 }, Cosine with { Epochs = 4, CosineRestarts = [3] }, Cosine with { Epochs = 4, CosineRestarts = [1, 2] }])
            Assert.Throws<OptionsException>(() => new Trainer(model, other).Resume(Train, Validation, _folder["run"]));
        foreach (TrainerOptions wrong in (TrainerOptions[])[Cosine with { CosineRestarts = [2] }, Cosine with { CosineRestarts = [0] }, TinyRun.Options with { CosineRestarts = [1] }])
            Assert.Equal("CosineRestarts", Assert.Throws<OptionsException>(wrong.Validate).Option);
    }

    private static SchedulePosition At(int update) => new(update / 10, update % 10, 10);
}
