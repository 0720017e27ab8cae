using System.Text.Json.Nodes;

namespace IlgpuSpp.Training;

/// <summary>Which options may change when a run is resumed: those that do not change what was trained so far.</summary>
internal static class ResumeCheck
{
    /// <summary>Refuses options that differ where they may not.</summary>
    /// <param name="now">The options given.</param>
    /// <param name="then">The options that the run was started with.</param>
    /// <exception cref="OptionsException">The first option that differs.</exception>
    public static void Check(TrainerOptions now, TrainerOptions then)
    {
        TrainerOptions like = now with
        {
            EarlyStoppingPatience = then.EarlyStoppingPatience,
            LoaderThreads = then.LoaderThreads,
            CacheBytes = then.CacheBytes,
            MaxUndecodableShare = then.MaxUndecodableShare,
            CheckpointEverySteps = then.CheckpointEverySteps,
            ProgressInterval = then.ProgressInterval,

            // A cosine is drawn over the whole length, so another length would have trained otherwise; one begun anew at the end would not.
            Epochs = now.Schedule == ScheduleKind.Cosine && !IsExtension(now, then) ? now.Epochs : then.Epochs,
            CosineRestarts = IsExtension(now, then) ? then.CosineRestarts : now.CosineRestarts,
        };
        Compare(RunJson.Write(like), RunJson.Write(then));
    }

    /// <summary>Refuses a device that rounds otherwise.</summary>
    /// <param name="now">Whether the device gives the same bits on every processor.</param>
    /// <param name="then">Whether the one did that the run was started on.</param>
    /// <exception cref="OptionsException">They differ.</exception>
    public static void CheckDevice(bool now, bool then)
    {
        if (now != then) throw Differs(nameof(Backend.DeterministicExact), now, then);
    }

    /// <summary>Refuses the first option that differs.</summary>
    /// <param name="now">The options given, as JSON.</param>
    /// <param name="then">The options that the run was started with.</param>
    /// <exception cref="OptionsException">There is one; its name is the path to it, such as <c>FineTuning.LearningRate</c>.</exception>
    public static void Compare(string now, string then) => Compare(JsonNode.Parse(now)!.AsObject(), JsonNode.Parse(then)!.AsObject(), "");

    private static void Compare(JsonObject given, JsonObject started, string path)
    {
        foreach ((string name, JsonNode? value) in given)
        {
            if (JsonNode.DeepEquals(value, started[name])) continue;
            string option = path + char.ToUpperInvariant(name[0]) + name[1..];
            if (value is JsonObject inner && started[name] is JsonObject other) Compare(inner, other, option + ".");
            throw Differs(option, value, started[name]);
        }
    }

    private static bool IsExtension(TrainerOptions now, TrainerOptions then) =>
        now.Epochs > then.Epochs && !now.CosineRestarts.IsDefault && now.CosineRestarts.SequenceEqual(then.CosineRestarts.Append(then.Epochs));

    private static OptionsException Differs(string option, JsonNode? now, JsonNode? then) =>
        new(option, $"is {OneLine(now)}, but the run was started with {OneLine(then)}; resume it with that or start a new run");

    private static string OneLine(JsonNode? value) => value?.ToJsonString() ?? "nothing";
}
