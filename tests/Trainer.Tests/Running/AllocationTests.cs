using IlgpuSpp.Reference;

namespace IlgpuSpp.Training.Tests.Running;

public class AllocationTests
{
    [Theory]
    [InlineData(OptimiserKind.Sgd)]
    [InlineData(OptimiserKind.AdamW)]
    public void Steps_of_a_whole_network_allocate_nothing(OptimiserKind optimiser)
    {
        using CpuBackend backend = TinyRun.Backend(2);
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 4 }, backend, seed: 1);
        using var updater = new WeightUpdater(model.Network, new TrainerOptions { BatchSize = 4, Optimiser = optimiser, ClipNorm = 1, EmaDecay = 0.99 });
        using var passes = TrainingPass.CacheOf(model.Network, 2);
        var loss = new CrossEntropyLoss(0.1f);
        float[] large = new float[4 * 56 * 56 * 3], small = new float[4 * 48 * 48 * 3];
        int[] labels = [0, 1, 2, -1];
        var totals = new StepTotals[TrainingPass.PendingSteps];

        void Step(uint step)
        {
            bool first = step % 2 == 0;
            TrainingPass pass = passes.Get(first ? new Shape(4, 56, 56, 3) : new Shape(4, 48, 48, 3));
            pass.Run(first ? large : small, labels, loss, updater.GradientScale, new PassState(1, step));
            updater.Update(0.01, 3);
            pass.Read(totals);
        }

        for (uint step = 0; step < 6; step++) Step(step);
        MemoryUse nativeBefore = backend.Memory;
        uint next = 6;
        Assert.Equal(0, SteadyState.LeastAllocated(() =>
        {
            Step(next++);
            Step(next++);
        }));
        Assert.Equal(nativeBefore, backend.Memory);
    }

    [Fact]
    public void An_epoch_of_many_steps_allocates_no_more_than_one_of_few()
    {
        using var folder = new TemporaryFolder();
        // Equal, but that the runtime may compile the epoch's end anew between two of them, to code that allocates less.
        long before = LeastBytesOfAnEpoch(folder["before"], images: 48), many = LeastBytesOfAnEpoch(folder["many"], images: 480), after = LeastBytesOfAnEpoch(folder["after"], images: 48);
        Assert.InRange(many, after, before);
    }

    // On the training thread, from the end of an epoch to the evaluation of the next. The least of several epochs: what
    // the runtime allocates once, such as at a thread's first wait for the loader, is not of the steps.
    private static long LeastBytesOfAnEpoch(string folder, int images)
    {
        using CpuBackend backend = TinyRun.Backend();
        using Model model = TinyRun.Model(backend);
        ImageDataset train = TinyRun.Images(images), validation = TinyRun.Images(6, seed: 2);
        long start = 0, least = long.MaxValue;
        var progress = new Watcher(p =>
        {
            if (p is { Phase: TrainingPhase.EpochEnd }) start = GC.GetAllocatedBytesForCurrentThread();
            if (p is { Phase: TrainingPhase.Evaluating, Epoch: > 2, Step: 0 }) least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - start);
        });
        TrainerOptions options = TinyRun.Options with { Sizes = [12], Epochs = 7, ProgressInterval = TimeSpan.FromHours(1) };
        new Trainer(model, options, progress: progress).Fit(train, validation, folder);
        Assert.InRange(least, 1, 100_000);
        return least;
    }

    private sealed class Watcher(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
