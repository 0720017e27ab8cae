using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Running;

/// <summary>A run that waits for an image that never comes is ended by the first request, saves, and goes on to the same bits.</summary>
public class InterruptedWaitTests : RunTest
{
    private static readonly TrainerOptions Options = TinyRun.Options with
    {
        Augmentation = AugmentationOptions.None,
        Normalisation = NormalisationMethod.Constant128,
        CacheBytes = 0,
        LoaderThreads = 1,
    };

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 2)] // the third batch is the first of a group of two, which is done again
    public void The_wait_for_a_batch_is_ended(int accumulation, int kept)
    {
        TrainerOptions options = Options with { GradientAccumulation = accumulation };
        using (Model model = TinyRun.Model(_backend, batchNorm: true)) new Trainer(model, options).Fit(Train, Validation, _folder["whole"]);

        // 45 images in batches of 8: the fourth batch of the second epoch lacks its last images.
        using var stuck = new StuckImages(Train.Source, freeLoads: 45 + 3 * 8 + 4);
        using var cancel = new CancellationTokenSource();
        var progress = new ProgressList(p =>
        {
            if (p is { Phase: TrainingPhase.Training, Epoch: 2, Step: 3 }) cancel.CancelAfter(TimeSpan.FromMilliseconds(50));
        });
        using (Model model = TinyRun.Model(_backend, batchNorm: true))
        {
            RunResult run = new Trainer(model, options, progress: progress).Fit(stuck.Of(Train), Validation, _folder["run"], cancellationToken: cancel.Token);
            Assert.Equal(RunOutcome.Interrupted, run.Outcome);
            Assert.True(stuck.IsStuck);
        }
        RunState state = Checkpoint.ReadState(new RunFolder(_folder["run"]).LastFile);
        Assert.Equal((1, kept, 6L + kept), (state.Epoch, state.Batch, state.Steps));

        using Model again = TinyRun.Model(_backend, batchNorm: true, seed: 99);
        new Trainer(again, options).Resume(Train, Validation, _folder["run"]);
        Assert.Equal(File.ReadAllBytes(new RunFolder(_folder["whole"]).LastFile), File.ReadAllBytes(new RunFolder(_folder["run"]).LastFile));
    }

    [Theory]
    [InlineData(EvaluationView.Crop)]
    [InlineData(EvaluationView.Full)]
    public void The_wait_of_an_evaluation_is_ended(EvaluationView view)
    {
        using Model model = TinyRun.Model(_backend);
        using var stuck = new StuckImages(Validation.Source, freeLoads: 4);
        using var cancel = new CancellationTokenSource();
        var progress = new ProgressList(p =>
        {
            if (p is { Phase: TrainingPhase.Evaluating }) cancel.CancelAfter(TimeSpan.FromMilliseconds(50));
        });
        RunResult run = new Trainer(model, Options with { EvaluationView = view }, progress: progress).Fit(Train, stuck.Of(Validation), _folder["run"], cancellationToken: cancel.Token);
        Assert.Equal((RunOutcome.Interrupted, 6L, 0), (run.Outcome, run.Updates, run.Epochs.Count));
        Assert.True(stuck.IsStuck);
    }

    /// <summary>Images of which only the first so many loads come back before the test is over.</summary>
    private sealed class StuckImages(IImageSource images, int freeLoads) : IImageSource, IDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
        private readonly ManualResetEventSlim _over = new();
        private int _loads, _leftInTime;

        public int Count => images.Count;

        public bool IsStuck => _leftInTime == 0;

        public ImageDataset Of(ImageDataset data) => new(data.Name, data.ClassNames, this, data.Samples);

        public string NameOf(int index) => images.NameOf(index);

        public RgbImage Load(int index)
        {
            if (Interlocked.Increment(ref _loads) > freeLoads && !_over.Wait(Limit)) Interlocked.Increment(ref _leftInTime);
            return images.Load(index);
        }

        public void Dispose() => _over.Set();
    }
}
