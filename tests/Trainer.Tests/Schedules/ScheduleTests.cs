namespace IlgpuSpp.Training.Tests.Schedules;

public class ScheduleTests
{
    [Fact]
    public void Cosine_follows_the_closed_form()
    {
        var schedule = new CosineSchedule(epochs: 2, warmupEpochs: 0, finalShare: 0);
        double[] factors = [.. Positions(2, 2).Select(schedule.FactorAt)];
        Assert.Equal([1, 0.8535533905932737, 0.5, 0.14644660940672627], factors, Close);

        var floored = new CosineSchedule(epochs: 1, warmupEpochs: 0, finalShare: 0.2);
        Assert.Equal(0.6, floored.FactorAt(new SchedulePosition(0, 5, 10)), 12);
        Assert.Equal(0.2, floored.FactorAt(new SchedulePosition(1, 0, 10)), 12);
    }

    [Fact]
    public void Warm_up_rises_to_the_full_rate_and_the_cosine_begins_there()
    {
        LearningRateSchedule schedule = LearningRateSchedule.Create(new TrainerOptions { Schedule = ScheduleKind.Cosine, Epochs = 3, WarmupEpochs = 1 });
        double[] factors = [.. Positions(3, 4).Select(schedule.FactorAt)];
        Assert.Equal([0.25, 0.5, 0.75, 1], factors[..4], Close);
        Assert.Equal(1, factors[4], 12);
        Assert.Equal(0.5, factors[8], 12);

        LearningRateSchedule half = LearningRateSchedule.Create(new TrainerOptions { Schedule = ScheduleKind.Constant, Epochs = 2, WarmupEpochs = 0.5 });
        Assert.Equal([0.5, 1, 1, 1], Positions(1, 4).Select(half.FactorAt), Close);
    }

    [Fact]
    public void Steps_come_every_so_many_epochs()
    {
        var schedule = new StepSchedule(0.5, epochs: 2);
        Assert.Equal([1, 1, 0.5, 0.5, 0.25], Positions(5, 1).Select(schedule.FactorAt), Close);
    }

    [Fact]
    public void Plateau_lowers_the_rate_after_its_patience_and_no_more_often_than_allowed()
    {
        var schedule = new PlateauSchedule(0.1, patience: 2, drops: 2);
        double[] errors = [0.5, 0.4, 0.4, 0.45, 0.39, 0.39, 0.39, 0.38, 0.5, 0.5, 0.5, 0.5, 0.5];
        int[] drops = [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2];
        for (int i = 0; i < errors.Length; i++)
        {
            schedule.Observe(errors[i]);
            Assert.Equal(drops[i], schedule.Drops);
            Assert.Equal(Math.Pow(0.1, drops[i]), schedule.FactorAt(new SchedulePosition(i, 0, 1)), 15);
        }
    }

    [Fact]
    public void Saved_states_go_on_where_they_were()
    {
        var plateau = new PlateauSchedule(0.1, patience: 3, drops: 5);
        var stopping = new EarlyStopping(patience: 3);
        foreach (double error in (double[])[0.5, 0.6, 0.6])
        {
            plateau.Observe(error);
            stopping.Observe(error);
        }
        var plateauAgain = new PlateauSchedule(0.1, patience: 3, drops: 5);
        plateauAgain.LoadState(plateau.SaveState());
        plateauAgain.Observe(0.6);
        Assert.Equal(1, plateauAgain.Drops);

        var stoppingAgain = new EarlyStopping(patience: 3);
        stoppingAgain.LoadState(stopping.SaveState());
        Assert.False(stoppingAgain.ShouldStop);
        stoppingAgain.Observe(0.5);
        Assert.True(stoppingAgain.ShouldStop);

        var fresh = new PlateauSchedule(0.1, patience: 1, drops: 1);
        fresh.LoadState(new PlateauSchedule(0.1, 1, 1).SaveState());
        fresh.Observe(1);
        Assert.Equal(0, fresh.Drops);
    }

    [Fact]
    public void Multi_size_takes_the_sizes_in_turn_and_random_size_covers_its_range()
    {
        var multi = new TrainerOptions { Sizes = [224, 180] };
        Assert.Equal([224, 180, 224, 180, 224], Enumerable.Range(0, 5).Select(e => EpochSizes.At(multi, e)));

        var random = new TrainerOptions { Sizes = [180, 224], SizePolicy = SizePolicy.RandomSize, Seed = 4 };
        int[] sizes = [.. Enumerable.Range(0, 2000).Select(e => EpochSizes.At(random, e))];
        Assert.Equal(180, sizes.Min());
        Assert.Equal(224, sizes.Max());
        Assert.Equal(45, sizes.Distinct().Count());

        // Uniform over 45 values: mean 202, standard error of the mean of 2000 draws 13/sqrt(2000) = 0.29.
        Assert.InRange(sizes.Average(), 202 - 1.2, 202 + 1.2);
        Assert.NotEqual(sizes, Enumerable.Range(0, 2000).Select(e => EpochSizes.At(random with { Seed = 5 }, e)));
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-12;

    private static IEnumerable<SchedulePosition> Positions(int epochs, int updates) =>
        from e in Enumerable.Range(0, epochs) from u in Enumerable.Range(0, updates) select new SchedulePosition(e, u, updates);
}
