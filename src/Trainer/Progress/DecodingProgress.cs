namespace IlgpuSpp.Training;

/// <summary>Passes on how many training images are decoded and measured, one report at a time whichever thread brings it.</summary>
internal sealed class DecodingProgress(TrainerOptions options, IProgress<TrainingProgress> progress, RunClock clock) : IProgress<(int Done, int Total)>
{
    private readonly Lock _gate = new();
    private double _last = double.NegativeInfinity;
    private int _done;

    public void Report((int Done, int Total) value)
    {
        lock (_gate)
        {
            double now = clock.Call.Total;
            if (value.Done <= _done || (value.Done < value.Total && now - _last < options.ProgressInterval.TotalSeconds)) return;
            (_done, _last) = (value.Done, now);
            progress.Report(new TrainingProgress { Phase = TrainingPhase.Decoding, Epochs = options.Epochs, Step = value.Done, Steps = value.Total, Elapsed = TimeSpan.FromSeconds(now) });
        }
    }
}
