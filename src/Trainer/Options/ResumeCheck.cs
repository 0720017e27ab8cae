using System.Text.Json.Nodes;
using IlgpuSpp.Engine;

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

            // A cosine is drawn over the whole length, so another length would have trained otherwise.
            Epochs = now.Schedule == ScheduleKind.Cosine ? now.Epochs : then.Epochs,
        };
        JsonObject given = JsonNode.Parse(RunJson.Write(like))!.AsObject(), started = JsonNode.Parse(RunJson.Write(then))!.AsObject();
        foreach ((string name, JsonNode? value) in given)
        {
            if (JsonNode.DeepEquals(value, started[name])) continue;
            string option = char.ToUpperInvariant(name[0]) + name[1..];
            throw new OptionsException(option, $"is {OneLine(value)}, but the run was started with {OneLine(started[name])}; resume it with that or start a new run");
        }
    }

    private static string OneLine(JsonNode? value) => value?.ToJsonString() ?? "nothing";
}
