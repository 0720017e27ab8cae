namespace IlgpuSpp.Cli.Commands;

/// <summary>Says in the command line's words what the libraries say of their options.</summary>
internal static class OptionNames
{
    // Those that are not simply their library name written like-this.
    private static readonly (string Library, string CommandLine)[] Renamed =
    [
        ("Augmentation", "--augment"),
        ("BatchSize", "--batch"),
        ("CheckpointEverySteps", "--save-steps"),
        ("ClipNorm", "--clip"),
        ("Combination", "--combine-scales"),
        ("CropSize", "--crop"),
        ("EarlyStoppingPatience", "--patience"),
        ("EmaDecay", "--ema"),
        ("EvaluateEvery", "--eval-every"),
        ("EvaluationView", "--view"),
        ("FocalExponent", "--focal"),
        ("FrozenThrough", "--freeze-through"),
        ("FrozenLayers", "--freeze"),
        ("GradientAccumulation", "--accumulate"),
        ("LayerRates", "--lr-mult"),
        ("LearningRate", "--lr"),
        ("Lambda", "--box-lambda"),
        ("MaxUndecodableShare", "--max-undecodable"),
        ("MinimumSide", "--min-side"),
        ("MinimumSides", "--min-side"),
        ("MostPairs", "--box-pairs"),
        ("Normalisation", "--normalise"),
        ("ReducedDecoding", "--reduced-decoding"),
        ("Recompute", "--recompute"),
        ("Overlap", "--box-overlap"),
        ("ResizeSide", "--min-side"),
        ("SizePolicy", "--random-size"),
        ("TestImages", "--test"),
        ("TrainImages", "--train"),
        ("WarmupEpochs", "--warmup"),
    ];

    /// <summary>The message of a refused option with the name that it has on a command; null where the command has no such option.</summary>
    public static string? Translate(Exception refused, Command command)
    {
        string? library = refused switch
        {
            OptionsException options => options.Option,
            ArgumentException argument => argument.ParamName,
            _ => null,
        };
        if (library is null || !refused.Message.StartsWith(library, StringComparison.Ordinal)) return null;
        string last = library[(library.LastIndexOf('.') + 1)..];
        string name = Array.Find(Renamed, pair => pair.Library == last).CommandLine ?? "--" + Kebab.Of(last);
        return command.Options.Any(option => option.Name == name) ? name + CommandAction.MessageOf(refused)[library.Length..] : null;
    }
}
