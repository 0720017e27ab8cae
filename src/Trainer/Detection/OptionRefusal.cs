namespace IlgpuSpp.Training;

/// <summary>Refuses options of training on windows that cannot work.</summary>
internal static class OptionRefusal
{
    /// <summary>Refuses one option.</summary>
    /// <param name="bad">Whether it is refused.</param>
    /// <param name="option">Its name.</param>
    /// <param name="reason">What it should be.</param>
    /// <exception cref="ArgumentException">The option is refused; the message names it.</exception>
    public static void Refuse(bool bad, string option, string reason)
    {
        if (bad) throw new ArgumentException($"{option} {reason}.", option);
    }

    /// <summary>Refuses what every training on windows refuses.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public static void Check(IWindowTrainingOptions options)
    {
        Refuse(!(options.ForegroundShare is > 0 and < 1), nameof(options.ForegroundShare), "should lie between 0 and 1");
        Refuse(
            !(options.BackgroundOverlap >= 0 && options.BackgroundOverlap < options.ForegroundOverlap && options.ForegroundOverlap < 1),
            nameof(options.BackgroundOverlap), "and ForegroundOverlap should rise between 0 and 1");
        Refuse(!(options.LearningRate > 0), nameof(options.LearningRate), "should be above 0");
        Refuse(!(options.DropAfter is > 0 and <= 1), nameof(options.DropAfter), "should be above 0 and at most 1");
        Refuse(!(options.Momentum is >= 0 and < 1), nameof(options.Momentum), "should be at least 0 and below 1");
        Refuse(!(options.WeightDecay >= 0), nameof(options.WeightDecay), "should not be negative");
        Refuse(!Enum.IsDefined(options.Scale), nameof(options.Scale), "should be one of the named scales");
    }
}
