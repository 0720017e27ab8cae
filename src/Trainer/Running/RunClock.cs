using System.Text.Json.Serialization;

namespace IlgpuSpp.Training;

/// <summary>What the time of a run is spent on.</summary>
internal enum RunActivity
{
    /// <summary>Preparing, saving, reporting.</summary>
    Other,

    /// <summary>Training steps and the wait for their images.</summary>
    Training,

    /// <summary>Measuring on the validation images.</summary>
    Evaluating,
}

/// <summary>Seconds of an epoch or of a call.</summary>
/// <param name="Training">Seconds of training steps.</param>
/// <param name="Evaluating">Seconds of the evaluation.</param>
/// <param name="Other">Seconds of everything else.</param>
internal readonly record struct RunSeconds(double Training, double Evaluating, double Other)
{
    [JsonIgnore]
    public double Total => Training + Evaluating + Other;

    public static RunSeconds operator +(RunSeconds a, RunSeconds b) => new(a.Training + b.Training, a.Evaluating + b.Evaluating, a.Other + b.Other);

    public static RunSeconds operator -(RunSeconds a, RunSeconds b) => new(a.Training - b.Training, a.Evaluating - b.Evaluating, a.Other - b.Other);
}

/// <summary>
/// The one clock of a run: every moment since it began counts for exactly one activity and one epoch, so that the seconds
/// of the epochs add up to those of the run.
/// </summary>
internal sealed class RunClock(TimeProvider time)
{
    private readonly TimeProvider _time = time;
    private RunActivity _activity;
    private long _last = time.GetTimestamp();
    private RunSeconds _call, _atEpoch, _before;

    /// <summary>Seconds of this call: since the clock was made.</summary>
    public RunSeconds Call
    {
        get
        {
            Count();
            return _call;
        }
    }

    /// <summary>Seconds of the present epoch, those before an interruption included.</summary>
    public RunSeconds Epoch => _before + Call - _atEpoch;

    /// <summary>From now on time counts for another activity.</summary>
    /// <returns>What it counted for before.</returns>
    public RunActivity Switch(RunActivity next)
    {
        Count();
        RunActivity before = _activity;
        _activity = next;
        return before;
    }

    /// <summary>Ends the present epoch; the next begins at the same moment.</summary>
    /// <returns>Its seconds.</returns>
    public RunSeconds EndEpoch()
    {
        RunSeconds epoch = Epoch;
        (_atEpoch, _before) = (_call, default);
        return epoch;
    }

    /// <summary>Adds the time that an interrupted epoch took before.</summary>
    public void Restore(RunSeconds before) => _before = before;

    private void Count()
    {
        long now = _time.GetTimestamp();
        double seconds = _time.GetElapsedTime(_last, now).TotalSeconds;
        _last = now;
        _call += _activity switch
        {
            RunActivity.Training => new RunSeconds(seconds, 0, 0),
            RunActivity.Evaluating => new RunSeconds(0, seconds, 0),
            _ => new RunSeconds(0, 0, seconds),
        };
    }
}
