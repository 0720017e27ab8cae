using System.Diagnostics;

namespace IlgpuSpp.Training;

/// <summary>Passes on where a run is, not more often than asked for, with an estimate of the time left.</summary>
internal sealed class ProgressReporter(TrainerOptions options, IProgress<TrainingProgress>? progress, RunClock clock, int stepsPerEpoch, int firstEpoch, int firstStep)
{
    private readonly TrainerOptions _options = options;
    private readonly IProgress<TrainingProgress>? _progress = progress;
    private readonly RunClock _clock = clock;
    private readonly int _stepsPerEpoch = stepsPerEpoch;
    private readonly int _firstEpoch = firstEpoch;
    private readonly int _firstStep = firstStep;
    private long _last;
    private int _evaluations;

    /// <summary>Whether enough time has passed for another report.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(_last) >= _options.ProgressInterval;

    public void NoteEvaluation() => _evaluations++;

    public void Report(TrainingProgress progress)
    {
        _last = Stopwatch.GetTimestamp();
        RunSeconds gone = _clock.Call;
        _progress?.Report(progress with { Epochs = _options.Epochs, Elapsed = TimeSpan.FromSeconds(gone.Total), Remaining = Remaining(progress, gone) });
    }

    // A batch costs as much as it has pixels; sizes of later epochs are known.
    private TimeSpan? Remaining(TrainingProgress progress, RunSeconds gone)
    {
        if (progress.Phase == TrainingPhase.Finished) return TimeSpan.Zero;
        if (progress.Epoch == 0) return null;
        int epoch = progress.Epoch - 1;
        int step = progress.Phase == TrainingPhase.Training ? progress.Step : _stepsPerEpoch;
        double done = 0, left = 0;
        for (int e = _firstEpoch; e < _options.Epochs; e++)
        {
            double cost = Math.Pow(EpochSizes.At(_options, e), 2);
            int begun = e == _firstEpoch ? _firstStep : 0;
            int reached = e < epoch ? _stepsPerEpoch : e == epoch ? step : begun;
            done += cost * Math.Max(0, reached - begun);
            left += cost * Math.Max(0, _stepsPerEpoch - reached);
        }
        if (done <= 0) return null;
        double perEvaluation = _evaluations > 0 ? gone.Evaluating / _evaluations : 0;
        int evaluationsLeft = (_options.Epochs - epoch - (progress.Phase == TrainingPhase.EpochEnd ? 1 : 0)) / _options.EvaluateEvery;
        return TimeSpan.FromSeconds(gone.Training * left / done + perEvaluation * Math.Max(0, evaluationsLeft));
    }
}
