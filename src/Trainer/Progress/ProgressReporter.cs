using System.Diagnostics;

namespace IlgpuSpp.Training;

/// <summary>Passes on where a run is, not more often than asked for, with an estimate of the time left.</summary>
internal sealed class ProgressReporter(TrainerOptions options, IProgress<TrainingProgress>? progress, RunClock clock, int stepsPerEpoch, int firstEpoch, int firstStep)
{
    private long _last;
    private int _evaluations;

    /// <summary>Whether enough time has passed for another report.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(_last) >= options.ProgressInterval;

    public void NoteEvaluation() => _evaluations++;

    public void Report(TrainingProgress now)
    {
        _last = Stopwatch.GetTimestamp();
        RunSeconds gone = clock.Call;
        progress?.Report(now with { Epochs = options.Epochs, Elapsed = TimeSpan.FromSeconds(gone.Total), Remaining = Remaining(now, gone) });
    }

    // A batch costs as much as it has pixels; sizes of later epochs are known.
    private TimeSpan? Remaining(TrainingProgress now, RunSeconds gone)
    {
        if (now.Phase == TrainingPhase.Finished) return TimeSpan.Zero;
        if (now.Epoch == 0) return null;
        int epoch = now.Epoch - 1;
        int step = now.Phase == TrainingPhase.Training ? now.Step : stepsPerEpoch;
        double done = 0, left = 0;
        for (int e = firstEpoch; e < options.Epochs; e++)
        {
            double cost = Math.Pow(EpochSizes.At(options, e), 2);
            int begun = e == firstEpoch ? firstStep : 0;
            int reached = e < epoch ? stepsPerEpoch : e == epoch ? step : begun;
            done += cost * Math.Max(0, reached - begun);
            left += cost * Math.Max(0, stepsPerEpoch - reached);
        }
        if (done <= 0) return null;
        double perEvaluation = _evaluations > 0 ? gone.Evaluating / _evaluations : 0;
        int evaluationsLeft = (options.Epochs - epoch - (now.Phase == TrainingPhase.EpochEnd ? 1 : 0)) / options.EvaluateEvery;
        return TimeSpan.FromSeconds(gone.Training * left / done + perEvaluation * Math.Max(0, evaluationsLeft));
    }
}
